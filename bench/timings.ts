// SPDX-License-Identifier: Apache-2.0
/** Where the time of a run went. */
import { reportToStderr } from "../base/report.ts";
import type { TrialEntry } from "../contract/run_file.ts";

/**
 * Wall seconds by part: `build` and `trials` as they passed, and under each phase's name the sum
 * over the trials that were carried out, which run side by side.
 */
export function timings(
  trials: readonly TrialEntry[],
  { build_s, trials_s }: { build_s: number; trials_s: number },
): Record<string, number> {
  const sums: Record<string, number> = { build: build_s, trials: trials_s };
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

const outer = ["build", "trials", "analysis", "total"];

/** The lines that close a run, in seconds. */
export function timingLines(
  all: Readonly<Record<string, number>>,
  built_s: Readonly<Record<string, number>>,
): string[] {
  const seconds = (value: number | undefined) => `${(value ?? 0).toFixed(1)} s`;
  const built = Object.entries(built_s).map(([part, value]) => `${part} ${seconds(value)}`);
  const phases = Object.entries(all).filter(([part]) => !outer.includes(part))
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

export function printTimings(
  all: Readonly<Record<string, number>>,
  built_s: Readonly<Record<string, number>>,
): void {
  for (const line of timingLines(all, built_s)) reportToStderr(line);
}
