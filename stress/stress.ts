// SPDX-License-Identifier: Apache-2.0
/** `lab stress`: everything that a patched kernel has to stand, one part after the other. */
import type { Factors } from "../contract/settings.ts";
import { runRequest } from "../bench/request.ts";
import { runExperiment } from "../bench/run.ts";
import { buildEmulator, type BuiltEmulator } from "../emulator/qemu/build.ts";
import { buildKernel } from "../kernel/build.ts";
import { buildSelftests } from "./build_selftests.ts";
import type { KernelLine } from "../kernel/lines.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import type { CheckOutcome } from "./host.ts";
import { mappingsIn, mergingCases, runMerging } from "./merging.ts";
import { objections, watchMerging } from "./notifiers.ts";
import type { StressLine, StressPart } from "./parts.ts";
import { type RaceRequest, races } from "./race_lines.ts";
import { soak, type SoakRequest } from "./soak.ts";
import { runSelftests, stepsOf, type Verdict, verdictOf } from "./selftests.ts";

/** Each makes 64 reads and writes of the guest. */
const mergingIterations = 4000;

/**
 * Prints one line for each thing that was looked at, as it is known.
 *
 * @param race what of the part `races`.
 * @param soaking what of the part `soak`.
 * @returns 0, or 1 when something did not stand it.
 */
export async function stress(
  parts: readonly StressPart[],
  line: KernelLine,
  race: RaceRequest,
  soaking: SoakRequest,
  json: boolean,
  report: Report = reportToStderr,
): Promise<number> {
  const emulator = await buildEmulator(report);
  let failed = 0;
  const say = (result: StressLine) => {
    if (!result.passed) failed++;
    console.log(json ? JSON.stringify(result) : describe(result));
  };
  for (const part of parts) {
    if (part === "soak") await soak(soaking, line, say, report);
    else for await (const result of resultsOf(part, line, race, emulator, report)) say(result);
  }
  return failed === 0 ? 0 : 1;
}

function describe({ part, what, passed, seen }: StressLine): string {
  return `${passed ? "ok    " : "FAILED"} ${part}: ${what}: ${seen}`;
}

function resultsOf(
  part: Exclude<StressPart, "soak">,
  line: KernelLine,
  race: RaceRequest,
  emulator: BuiltEmulator,
  report: Report,
): AsyncIterable<StressLine> {
  switch (part) {
    case "notifiers":
      return notifiers(line, emulator, report);
    case "merging":
      return merging(line, emulator, report);
    case "races":
      return races(race, line, emulator, report);
    case "guests":
      return guests(line);
    case "debug":
      return experiment(part, `a kernel ${line} that checks itself`, "smoke", {
        kernel: [line],
        debug_kernel: ["on"],
      });
    case "selftests":
      return selftests(line, emulator, report);
  }
}

async function* notifiers(
  line: KernelLine,
  emulator: BuiltEmulator,
  report: Report,
): AsyncGenerator<StressLine> {
  const proof = await watchMerging(line, emulator, report);
  const wrong = objections(proof);
  const { with_change_pte: user, without_change_pte: other } = proof.merge;
  yield {
    part: "notifiers",
    what: `users with and without change_pte() on ${line}`,
    passed: wrong.length === 0,
    seen: wrong.join("; ") ||
      `${user.changes} changes and ${user.starts} invalidations, ${other.starts} invalidations`,
  };
}

async function* merging(
  line: KernelLine,
  emulator: BuiltEmulator,
  report: Report,
): AsyncGenerator<StressLine> {
  const kernel = await buildKernel({ line, variant: "patched" }, report);
  for (const one of mergingCases) {
    const { failure, counts } = await runMerging(one, kernel, emulator, mergingIterations, report);
    yield {
      part: "merging",
      what: `${line}, ${one.mmu}, THP ${one.thp}, switch ${one.changePte}, ` +
        `${one.cpus === 1 ? "1 CPU" : `${one.cpus} CPUs`}`,
      passed: failure === undefined,
      seen: failure ??
        `${counts.guest_reads} reads, ${counts.guest_writes} writes, ${counts.mismatches} ` +
          `mismatches; ${counts.slot_deletions} memslots deleted, ${counts.log_reads} dirty logs ` +
          `with ${counts.dirty_missed} pages missed; ${counts.flips} flips; ${mappingsIn(counts)}`,
    };
  }
}

/** With all arms on one CPU, and on two where ksmd merges while virtual CPUs run. */
async function* guests(line: KernelLine): AsyncGenerator<StressLine> {
  const what = `guests check their memory on ${line}`;
  yield* experiment("guests", what, "stress", { kernel: [line] });
  yield* experiment("guests", `${what}, 2 CPUs`, "stress", {
    kernel: [line],
    host_cpus: [2],
    thp: ["never"],
  });
}

async function* experiment(
  part: StressPart,
  what: string,
  name: string,
  overrides: Factors,
): AsyncGenerator<StressLine> {
  const { record: { run, trials } } = await runExperiment(
    runRequest({ experiment: name, overrides }, ["run", name]),
  );
  const failed = trials.filter(({ status }) => status !== "done");
  const seen = failed.length === 0
    ? `all ${trials.length} trials done, no complaints`
    : `${failed.length} of ${trials.length} trials failed: see reports/${run}/index.html`;
  yield { part, what, passed: failed.length === 0, seen };
}

async function* selftests(
  line: KernelLine,
  emulator: BuiltEmulator,
  report: Report,
): AsyncGenerator<StressLine> {
  const tests = await buildSelftests(line, report);
  const stock = await buildKernel({ line, variant: "stock" }, report);
  const patched = await buildKernel({ line, variant: "patched" }, report);
  const [onStock, off, on, map] = await Promise.all([
    runSelftests("selftests-stock", stock, emulator, tests, undefined, report),
    runSelftests("selftests-off", patched, emulator, tests, "off", report),
    runSelftests("selftests-on", patched, emulator, tests, "on", report),
    runSelftests("selftests-map", patched, emulator, tests, "map", report),
  ]);
  for (const [name, outcome] of Object.entries({ stock: onStock, off, on, map })) {
    yield {
      part: "selftests",
      what: `${line} ${name}: the host's console`,
      passed: outcome.failure === undefined,
      seen: outcome.failure ?? "no complaints",
    };
  }
  for (const { name } of stepsOf(tests).steps) {
    const verdicts = [onStock, off, on, map].map((outcome) => verdictIn(outcome, name));
    yield {
      part: "selftests",
      what: `${line} ${name}`,
      passed: new Set(verdicts).size === 1,
      seen: `stock ${verdicts[0]}, off ${verdicts[1]}, on ${verdicts[2]}, map ${verdicts[3]}`,
    };
  }
}

function verdictIn({ steps }: CheckOutcome, name: string): Verdict {
  return verdictOf(steps.find((step) => step.name === name)?.status);
}
