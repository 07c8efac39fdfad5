// SPDX-License-Identifier: Apache-2.0
/** `lab stress`: everything that a patched kernel has to stand, one part after the other. */
import type { Factors } from "../contract/settings.ts";
import { runRequest } from "../bench/request.ts";
import { runExperiment } from "../bench/run.ts";
import { pooledMap } from "@std/async";
import { buildKernel, buildKernels, type BuiltKernel } from "../kernel/build.ts";
import { buildSelftests } from "./build_selftests.ts";
import type { KernelLine } from "../kernel/lines.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import { type CheckOutcome, type CheckPrograms, checkPrograms, jobs } from "./host.ts";
import { flushCases, flushesIn, flushObjections } from "./flushes.ts";
import {
  kernelOf,
  mappingsIn,
  type MergingCase,
  mergingCases,
  type MergingResult,
  runMerging,
  type SwitchState,
  titleOf,
  troubleIn,
} from "./merging.ts";
import type { BuiltEmulator } from "../emulator/qemu/build.ts";
import { variantFor } from "../hosts/emulated/parts.ts";
import type { PagingName } from "../machines/paging.ts";
import { objections, watchMerging } from "./notifiers.ts";
import type { StressLine, StressPart } from "./parts.ts";
import { type RaceRequest, races } from "./race_lines.ts";
import { soak, type SoakRequest } from "./soak.ts";
import { type ChosenSteps, runSelftests, stepsOf, type Verdict, verdictOf } from "./selftests.ts";

export interface StressRequest {
  parts: readonly StressPart[];
  line: KernelLine;
  /**
   * How hosts map their guests' memory, in the parts `merging`, `flushes`, `guests`, `debug` and
   * `selftests`;
   * if not given each part's own, on the processor that QEMU emulates.
   */
  mmus?: readonly PagingName[] | undefined;
  /** What of the parts `merging`, `flushes` and `selftests`: names that hold one of these words. */
  only?: readonly string[] | undefined;
  /** What of the part `races`. */
  race: RaceRequest;
  /** What of the part `soak`. */
  soak: SoakRequest;
  json: boolean;
}

/**
 * Prints one line for each thing that was looked at, as it is known.
 *
 * @returns 0, or 1 when something did not stand it.
 */
export async function stress(
  request: StressRequest,
  report: Report = reportToStderr,
): Promise<number> {
  const { parts, line, mmus, json } = request;
  const programs = await checkPrograms(mmus ?? [], report);
  let failed = 0;
  const say = (result: StressLine) => {
    if (!result.passed) failed++;
    console.log(json ? JSON.stringify(result) : describe(result));
  };
  for (const part of parts) {
    if (part === "soak") await soak(request.soak, line, say, report);
    else for await (const result of resultsOf(part, request, programs, report)) say(result);
  }
  return failed === 0 ? 0 : 1;
}

function describe({ part, what, passed, seen }: StressLine): string {
  return `${passed ? "ok    " : "FAILED"} ${part}: ${what}: ${seen}`;
}

function resultsOf(
  part: Exclude<StressPart, "soak">,
  request: StressRequest,
  programs: CheckPrograms,
  report: Report,
): AsyncIterable<StressLine> {
  const { line, mmus, only, race } = request;
  switch (part) {
    case "notifiers":
      return notifiers(line, programs.emulator, report);
    case "merging":
    case "flushes":
      return merged(part, request, programs, report);
    case "races":
      return races(race, line, programs.emulator, report);
    case "guests":
      return guests(line, mmus);
    case "debug":
      return experiment(part, `a kernel ${line} that checks itself`, "smoke", {
        kernel: [line],
        debug_kernel: ["on"],
        host_cpus: [1, 2],
        ...mmuFactor(mmus),
      });
    case "selftests":
      return selftests(line, mmus ?? ["npt"], only, programs, report);
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

type Counts = MergingResult["counts"];

/** What the two parts that boot a small machine differ in. */
const mergedParts: Readonly<
  Record<"merging" | "flushes", {
    casesOf: typeof mergingCases;
    seen: (one: MergingCase, counts: Counts) => string;
    objections: (one: MergingCase, counts: Counts) => string[];
  }>
> = {
  merging: { casesOf: mergingCases, seen: mergingSeen, objections: () => [] },
  flushes: {
    casesOf: flushCases,
    seen: (_, counts) => flushesIn(counts),
    objections: flushObjections,
  },
};

/** Cases in their order, several at a time. */
async function* merged(
  part: keyof typeof mergedParts,
  { line, mmus, only }: StressRequest,
  programs: CheckPrograms,
  report: Report,
): AsyncGenerator<StressLine> {
  const { casesOf, seen, objections } = mergedParts[part];
  const cases = casesOf(mmus ?? ["npt", "shadow"], only);
  const variants = [...new Set(cases.map(kernelOf))];
  const built = await buildKernels(variants.map((variant) => ({ line, variant })), report);
  const kernels = new Map(variants.map((variant, index) => [variant, built[index]!]));
  yield* pooledMap(jobs, cases, async (one) => {
    const kernel = kernels.get(kernelOf(one))!;
    const { failure, counts } = await runMerging(one, kernel, programs, report);
    /* A program that is killed may have said nothing: that is a failure, too. */
    const wrong = failure === undefined ? objections(one, counts) : [failure];
    const passed = wrong.length === 0;
    return {
      part,
      what: `${line}, ${titleOf(one)}`,
      passed,
      seen: passed ? seen(one, counts) : wrong.join("; "),
    };
  });
}

function mergingSeen({ all }: MergingCase, counts: Counts): string {
  return `${counts.guest_reads} reads, ${counts.guest_writes} writes, ${counts.mismatches} ` +
    `mismatches; ${counts.slot_deletions} memslots deleted, ${counts.log_reads} dirty logs ` +
    `with ${counts.dirty_missed} pages missed; ${counts.flips} flips; ` +
    (all === undefined ? "" : `${troubleIn(counts)}; `) + mappingsIn(counts);
}

/** With all arms on one CPU, and on several where ksmd merges while virtual CPUs run. */
async function* guests(
  line: KernelLine,
  mmus: StressRequest["mmus"],
): AsyncGenerator<StressLine> {
  const what = `guests check their memory on ${line}`;
  const factors = { kernel: [line], ...mmuFactor(mmus) };
  yield* experiment("guests", what, "stress", factors);
  yield* experiment("guests", `${what}, 2 and 4 CPUs`, "stress", {
    ...factors,
    host_cpus: [2, 4],
    thp: ["never"],
  });
}

/** An experiment has ways of its own, where nothing else is asked for. */
function mmuFactor(mmus: StressRequest["mmus"]): Factors {
  return mmus === undefined ? {} : { mmu: [...mmus] };
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
  mmus: readonly PagingName[],
  only: StressRequest["only"],
  programs: CheckPrograms,
  report: Report,
): AsyncGenerator<StressLine> {
  const tests = await buildSelftests(line, report);
  const chosen = mmus.map((mmu) => ({ mmu, ...stepsOf(tests, mmu, only) }));
  for (const { mmu, ...steps } of chosen) {
    yield* selftestsOn(mmu, line, steps, programs, report);
  }
}

async function* selftestsOn(
  mmu: PagingName,
  line: KernelLine,
  chosen: ChosenSteps,
  programs: CheckPrograms,
  report: Report,
): AsyncGenerator<StressLine> {
  const kernels = await Promise.all(
    (["stock", "patched"] as const).map((variant) =>
      buildKernel({ line, variant: variantFor(mmu, variant) }, report)
    ),
  );
  const booted = (kernel: BuiltKernel, state: SwitchState | undefined) =>
    runSelftests(
      `selftests-${mmu}-${state ?? "stock"}`,
      kernel,
      programs,
      chosen,
      mmu,
      state,
      report,
    );
  const [stock, patched] = [kernels[0]!, kernels[1]!];
  const [onStock, off, on, map] = await Promise.all([
    booted(stock, undefined),
    booted(patched, "off"),
    booted(patched, "on"),
    booted(patched, "map"),
  ]);
  for (const [name, outcome] of Object.entries({ stock: onStock, off, on, map })) {
    yield {
      part: "selftests",
      what: `${line}, ${mmu} ${name}: the host's console`,
      passed: outcome.failure === undefined,
      seen: outcome.failure ?? "no complaints",
    };
  }
  for (const { name } of chosen.steps) {
    const verdicts = [onStock, off, on, map].map((outcome) => verdictIn(outcome, name));
    yield {
      part: "selftests",
      what: `${line}, ${mmu} ${name}`,
      passed: new Set(verdicts).size === 1 && verdicts[0] !== "not run",
      seen: `stock ${verdicts[0]}, off ${verdicts[1]}, on ${verdicts[2]}, map ${verdicts[3]}`,
    };
  }
}

function verdictIn({ steps }: CheckOutcome, name: string): Verdict {
  return verdictOf(steps.find((step) => step.name === name)?.status);
}
