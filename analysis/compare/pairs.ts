// SPDX-License-Identifier: Apache-2.0
import { arms } from "../figures/arms.ts";
import { LabError } from "../../base/errors.ts";
import type { RunFile, TrialEntry } from "../../contract/run_file.ts";

/** Two trials, one of each run, that differ in nothing but what the runs as a whole differ in. */
export interface Pair {
  /** What tells this pair from the others, such as "pagecache off, seed 1". */
  label: string;
  workload: string;
  arm: string;
  a: TrialEntry;
  b: TrialEntry;
}

/** A setting that has one set of values in one run and another, without overlap, in the other. */
export interface SettingDifference {
  name: string;
  a: string;
  b: string;
}

/** The trials of two runs, brought together. */
export interface Pairing {
  pairs: Pair[];
  settings: SettingDifference[];
  /** Finished trials that the other run has no counterpart of, by id. */
  onlyA: string[];
  onlyB: string[];
}

/** Without these in common there is nothing to compare. */
const NEVER_LEFT_OUT = ["workload", "seed"];

/**
 * Pairs the finished trials of two runs by their settings. Settings in which the runs differ
 * throughout (one ran `kernel=6.1`, the other `kernel=6.12`) are what is being compared, and are left
 * out of the pairing.
 *
 * @throws {LabError} if no trial of one run has a counterpart in the other.
 */
export function pairTrials(a: RunFile, b: RunFile): Pairing {
  const [left, right] = [finished(a), finished(b)];
  const settings = settingDifferences(left, right);
  const ignored = new Set(settings.map(({ name }) => name));
  const byKey = groupBy(right, ignored);
  const labels = labeller([...left, ...right], ignored);
  const pairs: Pair[] = [];
  for (const [key, [first, ...others]] of groupBy(left, ignored)) {
    const [counterpart, ...more] = byKey.get(key) ?? [];
    if (counterpart === undefined || others.length + more.length > 0) continue;
    const { workload, arm } = first!.settings;
    pairs.push({
      ...{ label: labels(first!), workload: String(workload) },
      ...{ arm: ignored.has("arm") ? "" : String(arm), a: first!, b: counterpart },
    });
  }
  if (pairs.length === 0) throw nothingInCommon(a, b, left, right);
  const rest = (trials: TrialEntry[], of: "a" | "b") => {
    const ids = new Set(pairs.map((pair) => pair[of].id));
    return trials.map(({ id }) => id).filter((id) => !ids.has(id));
  };
  pairs.sort(byPlace);
  return { pairs, settings, onlyA: rest(left, "a"), onlyB: rest(right, "b") };
}

/** Workloads by name, arms in the order of the figures; pairs of one place stay as they are. */
function byPlace(a: Pair, b: Pair): number {
  if (a.workload !== b.workload) return a.workload < b.workload ? -1 : 1;
  return placeOf(a) - placeOf(b);
}

function placeOf({ arm }: Pair): number {
  return arms.findIndex(({ name }) => name === arm);
}

function finished(run: RunFile): TrialEntry[] {
  return run.trials.filter(({ status }) => status === "done");
}

function valuesOf(trials: readonly TrialEntry[], name: string): Set<string> {
  return new Set(trials.map(({ settings }) => String(settings[name] ?? "unset")));
}

function settingDifferences(a: readonly TrialEntry[], b: readonly TrialEntry[]) {
  const names = new Set([...a, ...b].flatMap(({ settings }) => Object.keys(settings)));
  return [...names].sort().filter((name) => !NEVER_LEFT_OUT.includes(name))
    .map((name) => ({ name, left: valuesOf(a, name), right: valuesOf(b, name) }))
    .filter(({ left, right }) => left.isDisjointFrom(right))
    .map(({ name, left, right }) => ({
      ...{ name, a: [...left].sort().join(", "), b: [...right].sort().join(", ") },
    }));
}

function groupBy(trials: readonly TrialEntry[], ignored: ReadonlySet<string>) {
  return Map.groupBy(
    trials,
    ({ settings }) =>
      JSON.stringify(
        Object.entries(settings).filter(([name]) => !ignored.has(name))
          .sort(([a], [b]) => a < b ? -1 : 1),
      ),
  );
}

/** Names a trial by workload, arm, and whatever else varies. */
function labeller(trials: readonly TrialEntry[], ignored: ReadonlySet<string>) {
  const names = [...new Set(trials.flatMap(({ settings }) => Object.keys(settings)))].sort();
  const varying = names.filter((name) =>
    !["workload", "arm", "seed"].includes(name) && !ignored.has(name) &&
    valuesOf(trials, name).size > 1
  );
  return ({ settings }: TrialEntry) => {
    const arm = ignored.has("arm") ? "" : ` ${settings.arm}`;
    const others = varying.map((name) => `, ${name}=${settings[name] ?? "unset"}`).join("");
    return `${settings.workload}${arm}, seed ${settings.seed}${others}`;
  };
}

function nothingInCommon(
  a: RunFile,
  b: RunFile,
  left: readonly TrialEntry[],
  right: readonly TrialEntry[],
): LabError {
  const reasons = NEVER_LEFT_OUT
    .filter((name) => valuesOf(left, name).isDisjointFrom(valuesOf(right, name)))
    .map((name) => `${name} ${[...valuesOf(left, name)]} against ${[...valuesOf(right, name)]}`);
  return new LabError(
    `Cannot compare ${a.run} with ${b.run}: they have no trials in common` +
      (reasons.length === 0 ? "" : ` (${reasons.join("; ")})`),
    "Compare runs of one experiment, or of experiments that share workloads, arms and seeds",
  );
}
