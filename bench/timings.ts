// SPDX-License-Identifier: Apache-2.0
/** Where the time of a run went. */
import { reportToStderr } from "../base/report.ts";
import type { TrialEntry } from "../contract/run_file.ts";

/** Before the names of parts that were built, among the names of phases. */
const builtMark = "built: ";

/** Wall seconds of a run until its analysis. */
export interface Passed {
  build_s: number;
  /** Of each part that was built now. */
  built_s: Readonly<Record<string, number>>;
  trials_s: number;
}

/**
 * Wall seconds by part: `build` and `trials` as they passed, within the first those of each part that was
 * built, as "built: PART", and under each phase's name the sum over the trials that were carried out. Parts
 * are built, and trials run, side by side.
 */
export function timings(
  trials: readonly TrialEntry[],
  { build_s, built_s, trials_s }: Passed,
): Record<string, number> {
  const sums: Record<string, number> = { build: build_s };
  for (const [part, seconds] of longestFirst(built_s)) sums[`${builtMark}${part}`] = seconds;
  sums.trials = trials_s;
  for (const { phases_wall_s, reused_from } of trials) {
    if (typeof reused_from === "string") continue;
    for (const [phase, seconds] of Object.entries(phases_wall_s)) {
      sums[phase] = (sums[phase] ?? 0) + seconds;
    }
  }
  return Object.fromEntries(
    Object.entries(sums).map(([part, seconds]) => [part, Math.round(seconds * 10) / 10]),
  );
}

/** What takes longest is seen first. */
function longestFirst(built_s: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(built_s).sort(([, a], [, b]) => b - a);
}

const outer = ["build", "trials", "analysis", "total"];

/** The lines that close a run, in seconds. */
export function timingLines(all: Readonly<Record<string, number>>): string[] {
  const seconds = (value: number | undefined) => `${(value ?? 0).toFixed(1)} s`;
  const inner = Object.entries(all).filter(([part]) => !outer.includes(part));
  const built = inner.filter(([part]) => part.startsWith(builtMark))
    .map(([part, value]) => `${part.slice(builtMark.length)} ${seconds(value)}`);
  const phases = inner.filter(([part]) => !part.startsWith(builtMark))
    .map(([part, value]) => `${part} ${seconds(value)}`);
  return [
    `Time: build ${seconds(all.build)}, trials ${seconds(all.trials)}, ` +
    `analysis ${seconds(all.analysis)}, in all ${seconds(all.total)}`,
    ...(built.length === 0 ? [] : [`  built now: ${built.join(", ")}`]),
    ...(phases.length === 0
      ? []
      : [`  within the trials, summed over those that run side by side: ${phases.join(", ")}`]),
  ];
}

export function printTimings(all: Readonly<Record<string, number>>): void {
  for (const line of timingLines(all)) reportToStderr(line);
}
