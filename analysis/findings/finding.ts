// SPDX-License-Identifier: Apache-2.0
import type { Comparison } from "../statistics/paired.ts";
import { counted, listed, percent, significant } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import type { FindingTable } from "./tables.ts";
import type { RunFile } from "../../contract/run_file.ts";
import type { PairedEffect } from "../statistics/mod.ts";

/** Rows by name of question. */
export type Answers = Readonly<Record<string, readonly Answer[]>>;

/** Something the run shows, or fails to show. */
export interface Finding {
  /** Short name, unique in a report. */
  id: string;
  /** What it is about, as a heading. */
  heading: string;
  /** The finding in sentences with its numbers; null results just as plainly. Never empty. */
  sentences: string[];
  /** Its numbers as tables, one a measure. */
  tables?: FindingTable[];
  /** What stands above the tables, where these say what `sentences` say; every number is in them. */
  summary?: string[];
  /** What a reader must know to not read too much into it. */
  caveats: string[];
  /** Name of the chart that shows it. */
  chart?: string;
  /** Question whose answer is printed beneath, for findings without a chart. */
  table?: string;
}

/** What a finding is computed from. */
export interface Evidence {
  /** What run.json says. */
  run: RunFile;
  /** Rows by name of question. */
  answers: Answers;
}

/** Rows of a question; none if it was not asked. */
export function rowsOf(evidence: Evidence, question: string): readonly Answer[] {
  return evidence.answers[question] ?? [];
}

/** "pagecache", or "pagecache (guests=8)": of a question's row, or of anything that is measured there. */
export function placeOf(
  { workload, condition }: { workload?: unknown; condition?: unknown },
): string {
  return condition === "" ? String(workload) : `${workload} (${condition})`;
}

/** How a measure of the comparison is put into words. */
export interface Wording {
  /** "read and fetch refaults per 100 merged pages after merging" */
  measure: string;
  /** Multiplies the values before they are shown. */
  scale?: number;
  /** What follows the number, e.g. "ticks". */
  unit?: string;
  /** What is reduced can be counted ("fewer", the default) or is an amount ("less"). */
  amount?: boolean;
}

/**
 * "In pagecache, off took 2.31 …, on took 0.02: 99.1 % fewer (3 seeds, all between 98.9 % and
 * 99.3 %)." Says so too if nothing differs, or if there was nothing to reduce.
 */
export function compareInWords(comparison: Comparison, wording: Wording): string {
  const { baseline, treatment, seeds, reduction } = comparison;
  const scale = wording.scale ?? 1;
  const unit = wording.unit === undefined ? "" : `\u00a0${wording.unit}`;
  const from = significant(comparison.baselineMean * scale) + unit;
  const to = significant(comparison.treatmentMean * scale) + unit;
  const place = placeOf(comparison);
  const both = `In ${place}, ${baseline} took ${from} ${wording.measure}, ${treatment} took ${to}`;
  const seedCount = counted(seeds.length, "seed");
  if (reduction === null) {
    const nothing = comparison.treatmentMean === 0
      ? "there was nothing to reduce"
      : "none became some";
    return `${both}: ${nothing} (${seedCount}).`;
  }
  if (reduction === 0) return `${both}: no difference (${seedCount}).`;
  const direction = reduction < 0 ? "more" : wording.amount ? "less" : "fewer";
  return `${both}: ${percent(Math.abs(reduction))} ${direction} (${spread(comparison)}).`;
}

/**
 * "3 seeds, all between 98.9 % and 99.3 %; 95 % bootstrap interval 99.0 % to 99.2 %"; for one seed
 * just "1 seed", for two without an interval.
 */
export function spread({ seeds, reductions, effect }: Comparison): string {
  const seedCount = counted(seeds.length, "seed");
  if (reductions.length < 2) return seedCount;
  const [low, high] = [Math.min(...reductions), Math.max(...reductions)].map(signedChange);
  if (low === high) return `${seedCount}, all ${low}`;
  return `${seedCount}, all between ${low} and ${high}${intervalInWords(effect)}`;
}

function intervalInWords({ reductionInterval }: PairedEffect): string {
  if (reductionInterval === null) return "";
  const [low, high] = [reductionInterval.low, reductionInterval.high].map(signedChange);
  return `; ${percent(reductionInterval.level)} bootstrap interval ${low} to ${high}`;
}

/** Caveat for anything that is compared over so few pairs that a test cannot say much: once for all places. */
export function testCaveat(comparisons: readonly Comparison[]): string[] {
  const tested = comparisons.filter(({ effect }) => effect.pairs > 1);
  if (tested.length === 0) return [];
  const groups = Map.groupBy(tested, ({ effect: { pairs, permutation: { p, least } } }) => {
    const limit = p <= least ? ", the least that so many pairs can give" : "";
    return `p\u00a0=\u00a0${significant(p)} of ${pairs} paired differences${limit}`;
  });
  const parts = [...groups].map(([what, found]) =>
    found.length === comparisons.length && groups.size === 1
      ? what
      : `${what} (${listed(found.map(placeOf))})`
  );
  return [
    `Permutation tests give ${
      parts.join("; ")
    }. Intervals are the BCa bootstrap\u2019s over pairs of ` +
    "trials; with few pairs they are too narrow.",
  ];
}

/** A reduction is shown without a sign; an increase among reductions as "+3.0 % more". */
function signedChange(reduction: number): string {
  return reduction >= 0 ? percent(reduction) : `${percent(-reduction)} more`;
}

/** Mean of a column over rows; null if none of them has a number there. */
export function meanOf(rows: readonly Answer[], column: string): number | null {
  const values = rows.map((row) => row[column]).filter((value) => typeof value === "number");
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * What stands in a table's column: the mean of a question's column over a group's rows.
 *
 * @param factor from the question's unit to the table's
 * @param none where no row has a number
 */
export function meanShown(
  column: string,
  factor = 1,
  none = "none",
): (group: readonly Answer[]) => string {
  return (group) => {
    const value = meanOf(group, column);
    return value === null ? none : significant(value * factor);
  };
}

/** Rows by what their columns say, in the order in which they first occur. */
export function groupedBy(rows: readonly Answer[], columns: readonly string[]): Answer[][] {
  const keyOf = (row: Answer) => JSON.stringify(columns.map((column) => row[column]));
  return [...Map.groupBy(rows, keyOf).values()];
}

/** Caveat for a comparison whose spread is one seed, or none at all. */
export function seedCaveat(comparisons: readonly Comparison[]): string[] {
  if (comparisons.every(({ seeds }) => seeds.length > 1)) return [];
  return ["There is one seed only, so nothing is known of the spread between seeds."];
}

/** The sentence where a run has no two arms to compare. */
export function noComparison(what: string): string {
  return `No comparison of ${what} is made: no finished trials of two arms share a workload and a seed.`;
}
