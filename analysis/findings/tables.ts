// SPDX-License-Identifier: Apache-2.0
/** Findings as tables: one a measure, with a row for each workload and condition. */
import { armInWords, arms } from "../figures/arms.ts";
import type { Answer } from "../engine/result.ts";
import type { Comparison, Group } from "../statistics/paired.ts";
import { percent, signedPercent, significant } from "./numbers.ts";

/** A column of a finding's table. */
export interface FindingColumn {
  heading: string;
  /** The arm that it is about, if it is about one: pages show its look. */
  arm?: string;
  /** Numbers stand to the right. */
  number?: boolean;
}

export interface FindingRow {
  /** The workload that it is about, by which pages choose rows. */
  workload: string;
  cells: string[];
}

/** One measure, or a few that belong together. */
export interface FindingTable {
  /** What is in it, with its unit. */
  title: string;
  columns: FindingColumn[];
  rows: FindingRow[];
}

/** What is measured somewhere. */
interface Placed {
  workload?: unknown;
  condition?: unknown;
}

const NONE = "\u2013";

/** Levels by factor of a condition, which reads "guests=8, mmu=npt". */
export function levelsIn(condition: unknown): Record<string, string> {
  const parts = String(condition ?? "").split(", ").filter((part) => part.includes("="));
  return Object.fromEntries(parts.map((part) => {
    const at = part.indexOf("=");
    return [part.slice(0, at), part.slice(at + 1)];
  }));
}

/** Columns that say where a row belongs, and their cells: the workload, then each factor. */
function places(items: readonly Placed[]): {
  columns: FindingColumn[];
  cellsOf: (item: Placed) => string[];
} {
  const factors = [...new Set(items.flatMap(({ condition }) => Object.keys(levelsIn(condition))))];
  const headings = ["workload", ...factors.map((name) => name.replace(/^workload\./, ""))];
  return {
    columns: headings.map((heading) => ({ heading })),
    cellsOf: ({ workload, condition }) => {
      const levels = levelsIn(condition);
      return [String(workload), ...factors.map((name) => levels[name] ?? NONE)];
    },
  };
}

/**
 * Two arms side by side: means over seeds, the change with its range over the seeds, and its interval.
 *
 * @param scale multiplies the values before they are shown
 */
export function comparisonTable(
  title: string,
  comparisons: readonly Comparison[],
  scale = 1,
): FindingTable[] {
  const [first] = comparisons;
  if (first === undefined) return [];
  const { columns, cellsOf } = places(comparisons);
  const several = comparisons.some(({ seeds }) => seeds.length > 1);
  const interval = comparisons.some(({ effect }) => effect.reductionInterval !== null);
  const arm = (name: string) => ({ heading: armInWords(name), arm: name, number: true });
  return [{
    title,
    columns: [
      ...[...columns, arm(first.baseline), arm(first.treatment)],
      { heading: "change", number: true },
      ...(several ? [{ heading: "single seeds", number: true }] : []),
      ...(interval ? [{ heading: "95\u00a0% interval", number: true }] : []),
    ],
    rows: comparisons.map((one) => ({
      workload: one.workload,
      cells: [
        ...cellsOf(one),
        significant(one.baselineMean * scale),
        significant(one.treatmentMean * scale),
        changeOf(one),
        ...(several ? [rangeOf(one.reductions)] : []),
        ...(interval ? [intervalOf(one)] : []),
      ],
    })),
  }];
}

/** "−99.1 %"; "none" where there was nothing to reduce, in either arm. */
export function changeOf({ reduction, treatmentMean }: Comparison): string {
  if (reduction === null) return treatmentMean === 0 ? "none" : "from nothing";
  return signedPercent(-reduction || 0);
}

function rangeOf(reductions: readonly number[]): string {
  if (reductions.length === 0) return NONE;
  return between(Math.min(...reductions), Math.max(...reductions));
}

function intervalOf({ effect: { reductionInterval } }: Comparison): string {
  if (reductionInterval === null) return NONE;
  return between(reductionInterval.low, reductionInterval.high);
}

/** Reductions as changes, the smaller one first: "−98.9 % to −99.3 %". */
function between(low: number, high: number): string {
  const [from, to] = [low, high].map((value) => signedPercent(-value || 0));
  return from === to ? from! : `${from} to ${to}`;
}

/** A measure in every arm that there is: means over seeds. */
export function armsTable(
  title: string,
  groups: readonly Group[],
  show: (value: number) => string = significant,
): FindingTable[] {
  if (groups.length === 0) return [];
  const there = new Set(groups.flatMap((group) => [...group.arms.keys()]));
  const names = arms.map(({ name }) => name).filter((name) => there.has(name));
  const { columns, cellsOf } = places(groups);
  return [{
    title,
    columns: [
      ...columns,
      ...names.map((name) => ({ heading: armInWords(name), arm: name, number: true })),
    ],
    rows: groups.map((group) => ({
      workload: group.workload,
      cells: [
        ...cellsOf(group),
        ...names.map((name) => {
          const values = [...group.arms.get(name)?.values() ?? []];
          if (values.length === 0) return NONE;
          return show(values.reduce((sum, value) => sum + value, 0) / values.length);
        }),
      ],
    })),
  }];
}

/** A column whose cells come from the rows of one place. */
export interface Measured {
  heading: string;
  of: (rows: readonly Answer[]) => string;
  /** Words instead of numbers. */
  text?: true;
}

/** What groups of rows have in common, a row each: columns `keys` name the group. */
export function groupsTable(
  title: string,
  groups: readonly (readonly Answer[])[],
  keys: readonly string[],
  measured: readonly Measured[],
): FindingTable[] {
  const firsts = groups.map(([first]) => first).filter((first) => first !== undefined);
  if (firsts.length === 0) return [];
  const { columns, cellsOf } = places(firsts);
  return [{
    title,
    columns: [
      ...columns,
      ...keys.map((heading) => ({ heading: heading.replaceAll("_", " ") })),
      ...measured.map(({ heading, text }) => ({ heading, number: text !== true })),
    ],
    rows: groups.map((rows) => ({
      workload: String(rows[0]!.workload),
      cells: [
        ...cellsOf(rows[0]!),
        ...keys.map((key) => {
          const said = String(rows[0]![key] ?? NONE);
          return key === "arm" ? armInWords(said) : said;
        }),
        ...measured.map(({ of }) => of(rows)),
      ],
    })),
  }];
}

/**
 * "97.4 % to 99.7 % fewer", "8.0 % more to 2.1 % fewer" or "no difference": the range over places.
 * Nothing where no place has anything to reduce.
 */
export function rangeInWords(comparisons: readonly Comparison[], less = "fewer"): string | null {
  const reductions = comparisons.flatMap(({ reduction }) => reduction ?? []);
  if (reductions.length === 0) return null;
  const [low, high] = [Math.min(...reductions), Math.max(...reductions)];
  const word = (value: number) => `${percent(Math.abs(value))} ${value < 0 ? "more" : less}`;
  if (low === 0 && high === 0) return "no difference";
  if (percent(low) === percent(high)) return word(low);
  if (low >= 0) return `${percent(low)} to ${percent(high)} ${less}`;
  if (high <= 0) return `${percent(-high)} to ${percent(-low)} more`;
  return `from ${word(low)} to ${word(high)}`;
}
