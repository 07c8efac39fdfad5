// SPDX-License-Identifier: Apache-2.0
/** How many compilers one build may run at a time. */
import { LabError } from "../base/errors.ts";
import type { Report } from "../base/report.ts";
import { availableMemory_mib } from "../store/memory.ts";

/**
 * What one compiler or linker takes: of the emulator's largest unit, compiled with pages of 2 MiB for the
 * compiler's own memory, 270 MiB were seen.
 */
export const job_mib = 512;

/** Those that builds in this process have been given already; most of it is not taken yet at once. */
let given = 0;

/** As many as fit into the memory that there is, at most one for each core; 0 if not even one does. */
export function jobsFitting(cores: number, available_mib: number): number {
  return Math.max(0, Math.min(cores, Math.floor(available_mib / job_mib)));
}

/**
 * Has a build run with as many compilers as there are cores and memory for. Several builds go on side by
 * side: what the others were given is not there for this one, but each gets one at least.
 *
 * @param what is built, for messages
 * @param work gets the number of compilers
 * @throws {LabError} when there is no memory for one compiler.
 */
export async function withCompileJobs<T>(
  what: string,
  report: Report,
  work: (jobs: number) => Promise<T>,
  available = availableMemory_mib,
): Promise<T> {
  const cores = navigator.hardwareConcurrency;
  const there_mib = await available();
  if (jobsFitting(cores, there_mib) === 0) {
    throw new LabError(
      `Cannot build ${what}: a compiler takes ${job_mib} MiB of memory, and ${there_mib} MiB are available`,
      "End other programs, or build on a machine with more memory",
    );
  }
  const jobs = Math.max(1, jobsFitting(cores, there_mib - given * job_mib));
  if (jobs < cores) {
    report(
      `${what} is built by ${
        jobs === 1 ? "one compiler" : `${jobs} compilers`
      } at a time instead of ` +
        `${cores}: each takes up to ` +
        `${job_mib} MiB of memory, and ${there_mib} MiB are available`,
      "warning",
    );
  }
  given += jobs;
  try {
    return await work(jobs);
  } finally {
    given -= jobs;
  }
}
