// SPDX-License-Identifier: Apache-2.0
import { mean } from "simple-statistics";
import type { Answer } from "../engine/result.ts";
import { type PairedEffect, pairedEffect } from "./mod.ts";

/** One measure of one workload and condition, in the arms that have it. */
export interface Group {
  workload: string;
  /** The run's other factors, "" if it varies none. */
  condition: string;
  /** Means over the trials of a seed, by arm and seed. */
  arms: Map<string, Map<number, number>>;
}

/** Two arms of a group, compared within seeds. */
export interface Comparison {
  workload: string;
  condition: string;
  baseline: string;
  treatment: string;
  /** Seeds that both arms have; there is at least one. */
  seeds: number[];
  /** Both values of each seed, in the same order. */
  pairs: readonly { seed: number; from: number; to: number }[];
  /** Means over these seeds. */
  baselineMean: number;
  treatmentMean: number;
  /** 1 - treatmentMean / baselineMean; null if the baseline is 0. */
  reduction: number | null;
  /** The same for each seed alone, in the order of `seeds`; without those whose baseline is 0. */
  reductions: number[];
  /** What the pairs, one a seed, say of the difference: intervals, effect size and test. */
  readonly effect: PairedEffect;
}

/**
 * Gathers a measure by workload, condition, arm and seed.
 *
 * The trial is the unit: a row is one trial, and rows that share all four are averaged first, so
 * that repeating one seed does not give it more weight.
 *
 * @param rows answers with `workload`, `condition`, `arm` and `seed`; those whose measure is NULL are left out
 */
export function groupsOf(rows: readonly Answer[], measure: string): Group[] {
  const groups = new Map<string, Group & { values: Map<string, Map<number, number[]>> }>();
  for (const row of rows) {
    const value = row[measure];
    if (typeof value !== "number") continue;
    const [workload, condition] = [String(row.workload), String(row.condition)];
    const key = JSON.stringify([workload, condition]);
    const group = groups.get(key) ?? { workload, condition, arms: new Map(), values: new Map() };
    groups.set(key, group);
    const arm = String(row.arm);
    const seeds = group.values.get(arm) ?? new Map<number, number[]>();
    group.values.set(arm, seeds);
    const seed = Number(row.seed);
    const values = seeds.get(seed);
    if (values === undefined) seeds.set(seed, [value]);
    else values.push(value);
  }
  return [...groups.values()].map(({ values, ...group }) => {
    for (const [arm, seeds] of values) {
      group.arms.set(arm, new Map([...seeds].map(([seed, found]) => [seed, mean(found)])));
    }
    return group;
  });
}

/**
 * Compares two arms of a group over the seeds they share.
 *
 * @returns null if they share none: then there is nothing to compare
 */
export function compare(group: Group, baseline: string, treatment: string): Comparison | null {
  const [before, after] = [group.arms.get(baseline), group.arms.get(treatment)];
  if (before === undefined || after === undefined) return null;
  const pairs = [...before].flatMap(([seed, from]) => {
    const to = after.get(seed);
    return to === undefined ? [] : [{ seed, from, to }];
  }).sort((a, b) => a.seed - b.seed);
  if (pairs.length === 0) return null;
  let effect: PairedEffect | null = null;
  const baselineMean = mean(pairs.map((pair) => pair.from));
  const treatmentMean = mean(pairs.map((pair) => pair.to));
  return {
    ...{ workload: group.workload, condition: group.condition, baseline, treatment },
    ...{ seeds: pairs.map((pair) => pair.seed), pairs, baselineMean, treatmentMean },
    reduction: reductionOf(baselineMean, treatmentMean),
    reductions: pairs.map(({ from, to }) => reductionOf(from, to)).filter((r) => r !== null),
    /* Resampling is what takes time, and most readers of a comparison do not ask for it. */
    get effect() {
      return effect ??= pairedEffect(pairs)!;
    },
  };
}

function reductionOf(from: number, to: number): number | null {
  return from === 0 ? null : 1 - to / from;
}

/** What was compared already, by the rows themselves and the measure. */
const compared = new WeakMap<readonly Answer[], Map<string, Comparison[]>>();

/** All comparisons of `on` with `off`, or with `stock` in a group that has no `off`. */
export function compareTreatment(rows: readonly Answer[], measure: string): Comparison[] {
  const known = compared.get(rows) ?? new Map<string, Comparison[]>();
  compared.set(rows, known);
  const comparisons = known.get(measure) ?? groupsOf(rows, measure).flatMap((group) => {
    const baseline = group.arms.has("off") ? "off" : "stock";
    return compare(group, baseline, "on") ?? [];
  });
  known.set(measure, comparisons);
  return comparisons;
}
