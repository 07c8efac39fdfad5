// SPDX-License-Identifier: Apache-2.0
/** Runs that vary more than the workload: which factor changes what the callback spares, and how much. */
import type { Answer, Result } from "../engine/result.ts";
import { type Cell, type Factorial, factorial, type MainEffect } from "../statistics/mod.ts";
import { compareTreatment, type Comparison } from "../statistics/paired.ts";
import { listed, percent, signedPercent } from "./numbers.ts";
import { type Evidence, type Finding, rowsOf } from "./finding.ts";
import { type FindingTable, levelsIn } from "./tables.ts";

const QUESTION = "refaults_per_merged_page";

/** Up to this share of the refaults, more or less, there is no gain to speak of. */
const GONE = 0.1;
/** A factor that changes the share by less than this, in points of a hundred, changes nothing. */
const NOTHING = 0.02;

/** Numbers in levels count as numbers: 500 before 2000. */
const byLevel = new Intl.Collator("en", { numeric: true });

/** The share of refaults that is spared, by the levels of all factors that the run varies. */
interface Table {
  factors: string[];
  cells: Cell[];
  found: Factorial;
}

/**
 * The run as a factorial table. Null where it varies one thing only, where a combination has no
 * comparison, or where a baseline has no refaults that could be spared.
 */
function tableOf(comparisons: readonly Comparison[]): Table | null {
  if (comparisons.every(({ condition }) => condition === "")) return null;
  const cells = comparisons.map(({ workload, condition, reduction }) => ({
    levels: { workload, ...levelsIn(condition) } as Record<string, string>,
    value: reduction ?? NaN,
  }));
  const names = [...new Set(cells.flatMap(({ levels }) => Object.keys(levels)))];
  const factors = names.filter((name) => new Set(cells.map(({ levels }) => levels[name])).size > 1);
  cells.sort((a, b) =>
    factors.map((name) => byLevel.compare(a.levels[name] ?? "", b.levels[name] ?? ""))
      .find((order) => order !== 0) ?? 0
  );
  if (cells.some(({ value }) => Number.isNaN(value))) return null;
  const found = factorial(cells, factors);
  return found === null ? null : { factors, cells, found };
}

/** A factor's levels, parted where the means of neighbours are furthest from each other. */
interface Parted {
  effect: MainEffect;
  low: MainEffect["levels"];
  high: MainEffect["levels"];
}

function part(effect: MainEffect): Parted {
  const levels = effect.levels.toSorted((a, b) => a.mean - b.mean);
  const gaps = levels.slice(1).map((level, at) => level.mean - levels[at]!.mean);
  const at = gaps.indexOf(Math.max(...gaps)) + 1;
  return { effect, low: levels.slice(0, at), high: levels.slice(at) };
}

/**
 * The finding of a run with several factors in one sentence: the factor that decides, what it does, and
 * that the others do little. Null where the run is no factorial table.
 */
export function conditionsVerdict(comparisons: readonly Comparison[]): string | null {
  const table = tableOf(comparisons);
  if (table === null) return null;
  const { found: { main: [first, ...others] }, cells } = table;
  if (first!.size < NOTHING) {
    return `Updating mappings in place spared ${rangeOf(cells)} of the refaults, whatever ` +
      `${listed(table.factors)}: none of them changes that by more than ${points(first!.size)}.`;
  }
  const { low, high } = part(first!);
  const name = (levels: Parted["low"]) => `${first!.factor}=${levelsInWords(levels)}`;
  const rest = others.length === 0 ? "" : `; ${othersInWords(others)}`;
  const withHigh = `spared ${rangeOfLevels(high)} of the refaults with ${name(high)}`;
  const [lowest, highest] = [Math.max(...low.map(({ most }) => most)), least(high)];
  if (Math.abs(lowest) <= GONE && Math.abs(least(low)) <= GONE && highest > GONE) {
    return `${name(low)} removes the gain: updating mappings in place ${withHigh}, and ` +
      `changed their number by ${changeOfLevels(low)} with ${name(low)}${rest}.`;
  }
  const verb = lowest < highest ? "always lessens the gain" : "lessens the gain on average";
  return `${name(low)} ${verb}: updating mappings in place ${withHigh}, and ${
    rangeOfLevels(low)
  } with ${name(low)}${rest}.`;
}

/** A level of the factor that changes the gain most. */
export interface DecidingLevel {
  /** "thp=always" */
  name: string;
  /** Share of refaults spared, over its conditions. */
  mean: number;
  least: number;
  most: number;
  /** How many conditions have it. */
  conditions: number;
}

/**
 * The levels of the factor that decides, the largest gain first; null unless the run is a factorial table.
 *
 * @param answers rows of `refaults_per_merged_page`
 */
export function decidingLevels(answers: readonly Answer[]): DecidingLevel[] | null {
  const table = tableOf(compareTreatment(answers, QUESTION));
  if (table === null) return null;
  const { factor, levels } = table.found.main[0]!;
  return levels.toSorted((a, b) => b.mean - a.mean).map(({ level, mean, least, most }) => ({
    ...{ name: factor === "workload" ? level : `${factor}=${level}`, mean, least, most },
    conditions: table.cells.length / levels.length,
  }));
}

/** The other factors' own effects; on average, since the first one overshadows them. */
function othersInWords(others: readonly MainEffect[]): string {
  const largest = others[0]!;
  const names = listed(others.map(({ factor }) => factor));
  return others.length === 1
    ? `${names} changes that by ${points(largest.size)} on average`
    : `${names} change that by ${points(largest.size)} on average at most`;
}

function least(levels: Parted["low"]): number {
  return Math.min(...levels.map((level) => level.least));
}

function levelsInWords(levels: Parted["low"]): string {
  return listed(levels.map(({ level }) => level).sort(byLevel.compare)).replace(" and ", " or ");
}

function rangeOfLevels(levels: Parted["low"]): string {
  return fromTo(least(levels), Math.max(...levels.map(({ most }) => most)));
}

/** What is spared is less: the sign says so. */
function changeOfLevels(levels: Parted["low"]): string {
  const [low, high] = [least(levels), Math.max(...levels.map(({ most }) => most))];
  const [from, to] = [signedPercent(-high || 0), signedPercent(-low || 0)];
  return from === to ? from : `${from} to ${to}`;
}

function rangeOf(cells: readonly Cell[]): string {
  const values = cells.map(({ value }) => value);
  return fromTo(Math.min(...values), Math.max(...values));
}

function fromTo(low: number, high: number): string {
  const [from, to] = [percent(low), percent(high)];
  return from === to ? from : `${from} to ${to}`;
}

/** "1.9 points" of a hundred. */
function points(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0points`;
}

/** Which factor changes the gain and by how much. Null unless the run is a factorial table. */
export function conditionsFinding(evidence: Evidence): Finding | null {
  const comparisons = compareTreatment(rowsOf(evidence, QUESTION), QUESTION);
  const table = tableOf(comparisons);
  if (table === null) return null;
  const { found } = table;
  return {
    id: "conditions",
    heading: "What changes the gain",
    sentences: [
      ...found.main.map((effect) => {
        const means = effect.levels.map(({ level, mean }) => `${percent(mean)} with ${level}`);
        return `${effect.factor} accounts for ${share(effect.share)} of what varies between ` +
          `conditions: on average over the others ${listed(means)} of the refaults were spared.`;
      }),
      ...interactionsInWords(found),
    ],
    summary: [shareInWords(found), ...interactionsInWords(found)],
    tables: [mainTable(found.main), ...interactionTable(found)],
    caveats: [
      "A point is one of a hundred refaults that there are without the callback. A factor\u2019s effect is an average over " +
      "all levels of the others, which were crossed; it describes the conditions of this run and no others.",
    ],
    chart: "conditions",
  };
}

/** "thp accounts for 99.2 % of what varies between conditions, guests for 0.3 %." */
function shareInWords({ main, rest }: Factorial): string {
  const parts = main.map((effect, at) =>
    `${effect.factor} ${at === 0 ? "accounts for " : "for "}${share(effect.share)}`
  );
  const end = rest > NOTHING ? ` What takes three factors together: ${share(rest)}.` : "";
  return `Of what varies between conditions, ${listed(parts)}.${end}`;
}

function interactionsInWords({ interactions }: Factorial): string[] {
  const [largest] = interactions;
  if (largest === undefined) return [];
  if (largest.size < NOTHING) {
    return [`No two factors act on each other by more than ${points(largest.size)}.`];
  }
  const [one, other] = largest.factors;
  return [
    `How much ${one} matters depends most on ${other}: by ${points(largest.size)} at most.`,
  ];
}

function share(value: number): string {
  return percent(Math.min(1, value));
}

function mainTable(main: readonly MainEffect[]): FindingTable {
  return {
    title: "Refaults spared, by the levels of each factor",
    columns: [
      ...[{ heading: "factor" }, { heading: "level" }],
      ...["mean", "lowest", "highest", "effect, points", "share of variation"].map((heading) => {
        return { heading, number: true };
      }),
    ],
    rows: main.flatMap((effect) =>
      effect.levels.map(({ level, mean, least, most }, at) => ({
        workload: "",
        cells: [
          ...[at === 0 ? effect.factor : "", level],
          ...[percent(mean), percent(least), percent(most)],
          ...(at === 0 ? [(100 * effect.size).toFixed(1), share(effect.share)] : ["", ""]),
        ],
      }))
    ),
  };
}

function interactionTable({ interactions }: Factorial): FindingTable[] {
  if (interactions.length === 0) return [];
  return [{
    title: "Interactions: how much the effect of one factor depends on another",
    columns: [
      { heading: "factors" },
      { heading: "at most, points", number: true },
      { heading: "share of variation", number: true },
    ],
    rows: interactions.map(({ factors, size, share: part }) => ({
      workload: "",
      cells: [factors.join(" \u00d7 "), (100 * size).toFixed(1), share(part)],
    })),
  }];
}

/** The columns of {@linkcode conditionCells}. */
const CELL_COLUMNS = [
  ...[
    "workload",
    "condition",
    "across",
    "across_order",
    "down",
    "down_order",
    "rest",
    "rest_order",
  ],
  ...["arm", "seeds", "refaults_per_100"],
];

/** As many panels fit side by side with their axes' titles. */
const mostAcross = 3;

/** Which factors go across, down and into lines. */
interface Places {
  across: readonly string[];
  down: readonly string[];
  rest: readonly string[];
}

/**
 * The factor that changes the gain most goes across, the second one down, and the rest of the
 * condition names a line. With two factors, or too many levels for panels side by side, lines are
 * those of the first: what is to be compared stands below one another, on one axis.
 *
 * @param factors the one that changes the gain most first
 */
function placesOf(factors: readonly string[], levelsOf: (factor: string) => number): Places {
  const [first, second, third, ...more] = factors as [string, string, ...string[]];
  if (third === undefined) return { across: [second], down: [], rest: [first] };
  if (levelsOf(first) <= mostAcross) {
    return { across: [first], down: [second], rest: [third, ...more] };
  }
  const [across, down] = levelsOf(second) <= levelsOf(third) ? [second, third] : [third, second];
  return { across: [across], down: [down], rest: [first, ...more] };
}

/**
 * Refaults per 100 merged pages of each condition and arm, means over seeds, with the places of small
 * multiples, see {@linkcode placesOf}. No rows unless the run is a factorial table.
 *
 * @param answers rows of `refaults_per_merged_page`
 */
export function conditionCells(answers: readonly Answer[]): Result {
  const comparisons = compareTreatment(answers, QUESTION);
  const table = tableOf(comparisons);
  if (table === null) return { columns: CELL_COLUMNS, rows: [] };
  const places = placesOf(
    table.found.main.map(({ factor }) => factor),
    (factor) => new Set(table.cells.map(({ levels }) => levels[factor])).size,
  );
  const named = (
    levels: Readonly<Record<string, string>>,
    factors: readonly string[],
  ) =>
    factors.map((name) => name === "workload" ? levels[name]! : `${name}=${levels[name]}`)
      .join(", ");
  const placed = table.cells.map(({ levels }) => ({
    across: named(levels, places.across),
    down: named(levels, places.down) || `by ${places.rest.join(", ")}`,
    rest: named(levels, places.rest),
    levels,
  }));
  const orderOf = (key: "across" | "down" | "rest") => {
    const names = [...new Set(placed.map((place) => place[key]))].sort(byLevel.compare);
    return (name: string) => names.indexOf(name);
  };
  const [across, down, rest] = [orderOf("across"), orderOf("down"), orderOf("rest")];
  const rows = placed.flatMap(({ levels, ...place }) => {
    const one = comparisons.find(({ workload, condition }) =>
      workload === levels.workload &&
      Object.entries(levelsIn(condition)).every(([name, level]) => levels[name] === level)
    )!;
    const { workload, condition, baseline, treatment, seeds } = one;
    const means = [[baseline, one.baselineMean], [treatment, one.treatmentMean]] as const;
    return means.map(([arm, mean]) => ({
      ...{ workload, condition, ...place, across_order: across(place.across) },
      ...{ down_order: down(place.down), rest_order: rest(place.rest) },
      ...{ arm, seeds: seeds.length, refaults_per_100: 100 * mean },
    }));
  });
  return { columns: CELL_COLUMNS, rows };
}
