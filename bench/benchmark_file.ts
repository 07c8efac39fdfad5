// SPDX-License-Identifier: Apache-2.0
/** What `lab bench` measured, as a file: written with --json, read with --against. */
import { z } from "zod";
import { LabError } from "../base/errors.ts";
import { readText } from "../base/regular_file.ts";
import { issueInWords } from "../contract/issues.ts";

const count = z.number().nullable();

const part = z.strictObject({
  /** What took the time: a phase, a step. Unique. */
  part: z.string(),
  /** Wall seconds, one for each time that it was measured. */
  wall_s: z.array(z.number()).min(1),
  /** CPU seconds of the emulator, the median; null where it did not run alone. */
  cpu_s: count,
  /** Executed by the emulated host; null where none ran, or nobody counted. */
  instructions: count,
  /** Size of what it wrote, bytes; null where that says nothing. */
  bytes: count,
});

const benchmark = z.strictObject({
  format: z.literal(1),
  /** When it began, ISO 8601. */
  began: z.string(),
  /** The commit, or null outside of a checkout. */
  git: z.strictObject({ revision: z.string(), clean: z.boolean() }).nullable(),
  /** Processor, cores, memory, system. */
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Load averages over a minute, before and after: how much else went on. */
  load: z.strictObject({ before: z.number(), after: z.number() }),
  /** What trials it was measured with, in words. */
  trials: z.string(),
  parts: z.array(part).min(1),
});

/** A part of the time. */
export type Part = z.infer<typeof part>;

/** All that was measured in one call. */
export type Benchmark = z.infer<typeof benchmark>;

/**
 * Reads what an earlier call wrote.
 *
 * @throws {LabError} when there is no such file, or it is something else.
 */
export async function readBenchmark(path: string): Promise<Benchmark> {
  try {
    return benchmark.parse(JSON.parse(await readText(path)), { reportInput: true });
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : issue === undefined
      ? (error as Error).message
      : `${issue.path.join(".")} ${issueInWords(issue)}`;
    throw new LabError(
      `Cannot compare with ${path}: ${reason}`,
      "./lab bench --json > FILE makes one",
    );
  }
}
