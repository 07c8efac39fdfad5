// SPDX-License-Identifier: Apache-2.0
import type { TrialEntry } from "../../contract/run_file.ts";

/** Settings that name the trial's place in the comparison and so are never part of its condition. */
const PLACE = new Set(["workload", "arm", "seed"]);

/**
 * Says for each trial which of the other factors of its run it stands for: "guests=8, mmu=npt",
 * and "" where the run varies nothing but workload, arm and seed.
 *
 * A setting counts as a factor if it varies among trials of the same workload and arm. One that
 * merely follows from the arm (the kernel of `stock`) or from the workload (its memory) does not:
 * otherwise arms could never be compared.
 *
 * @returns conditions by trial id
 */
export function conditionsOf(trials: readonly TrialEntry[]): Map<string, string> {
  const names = new Set(trials.flatMap((trial) => Object.keys(trial.settings)));
  const factors = [...names].filter((name) => !PLACE.has(name) && varies(trials, name)).sort();
  return new Map(trials.map(({ id, settings }) => {
    const parts = factors.map((name) => `${name}=${settings[name] ?? "unset"}`);
    return [id, parts.join(", ")];
  }));
}

function varies(trials: readonly TrialEntry[], name: string): boolean {
  const seen = new Map<string, unknown>();
  return trials.some(({ settings }) => {
    const place = JSON.stringify([settings.workload, settings.arm]);
    const value = settings[name];
    if (seen.has(place)) return seen.get(place) !== value;
    seen.set(place, value);
    return false;
  });
}
