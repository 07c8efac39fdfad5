// SPDX-License-Identifier: Apache-2.0
/** Charts of many trials: how they are spread, and not each of them. */
import type { Answer, Value } from "../engine/result.ts";
import type { ChartSpec } from "./spec.ts";

/** Up to so many rows of one place, arm and the like, each trial is drawn. */
export const EACH_UP_TO = 40;
/** Points that stand for more: each for a twentieth of the trials. */
const PARTS = 20;
/** Lines that are drawn of more: the trials at every tenth, with the lowest and the highest. */
const LINES = 11;

/** Numbers that say what a row is about, and not what was measured. */
const KEYS = new Set(["ordinal", "round", "bin", "low_ticks", "low_instructions", "guests"]);
/** What tells trials of one place apart. */
const TRIAL = new Set(["trial", "seed"]);

/**
 * What a chart says of itself in `usermeta`: it draws means only, or a line for each trial, which are put
 * in order by their mean of a column. A chart that says nothing draws a point for each trial.
 */
type Many = "means" | { lines: string };

type Rows = readonly Answer[];

/** A chart and its rows, as many as can be drawn. */
export interface Drawable {
  chart: ChartSpec;
  answers: Readonly<Record<string, Rows>>;
  /** Whether rows stand for others. */
  fewer: boolean;
}

/**
 * The chart as it is where no place has more rows than {@linkcode EACH_UP_TO}; else with rows that show how
 * the others are spread, and with a description that says so.
 */
export function withFewer(chart: ChartSpec, answers: Readonly<Record<string, Rows>>): Drawable {
  const many = (chart.usermeta as { many?: Many } | undefined)?.many;
  const thinned = Object.entries(answers).map(([name, rows]) =>
    [name, typeof many === "object" ? linesOf(rows, many.lines) : pointsOf(rows, many)] as const
  );
  if (thinned.every(([name, rows]) => rows === answers[name])) {
    return { chart, answers, fewer: false };
  }
  const description = `${chart.description}${wordsOf(many)}`;
  return {
    chart: { ...withParts(chart) as ChartSpec, description },
    answers: Object.fromEntries(thinned),
    fewer: true,
  };
}

function wordsOf(many: Many | undefined): string {
  if (many === "means") return "";
  return typeof many === "object"
    ? ` Of more than ${EACH_UP_TO} trials ${LINES} are drawn: the lowest by its mean, the highest, and those at every tenth between.`
    : ` Of more than ${EACH_UP_TO} trials a point is the mean of a twentieth of them, in the order of their values.`;
}

/** A row that stands for several is of no seed. */
function withParts(part: unknown): unknown {
  return JSON.parse(JSON.stringify(part), (key, value) => {
    if (key !== "tooltip" || !Array.isArray(value)) return value;
    return value.map((shown) =>
      shown?.field === "seed" ? { ...shown, field: "part", title: "of the trials" } : shown
    );
  });
}

/** Rows by all that is not measured. */
function placesOf(rows: Rows): Answer[][] {
  return [
    ...Map.groupBy(rows, (row) =>
      JSON.stringify(
        Object.entries(row).filter(([name, value]) =>
          !TRIAL.has(name) && (typeof value !== "number" || KEYS.has(name))
        ),
      )).values(),
  ];
}

/**
 * Rows of a place in twenty parts of equal weight, in the order of each number by itself: their mean is that
 * of all. Or one row, the mean over all trials that there are, where only means are drawn.
 */
function pointsOf(rows: Rows, many: "means" | undefined): Rows {
  if (rows.length <= EACH_UP_TO) return rows;
  const places = placesOf(rows);
  if (places.every((place) => place.length <= EACH_UP_TO)) return rows;
  if (many === "means") {
    const trials = Map.groupBy(rows, comparedOf);
    const counts = new Map(
      [...trials].map(([of, found]) => [of, new Set(found.map(({ trial }) => trial)).size]),
    );
    return places.map((place) => meansOf(place, counts.get(comparedOf(place[0]!))!));
  }
  return places.flatMap((place) =>
    place.length <= EACH_UP_TO
      ? place.map((row) => ({ ...row, part: `seed ${row.seed}` }))
      : partsOf(place)
  );
}

function comparedOf({ workload, condition, arm }: Answer): string {
  return JSON.stringify([workload, condition, arm]);
}

function measuresOf(place: Rows): string[] {
  const names = new Set(place.flatMap((row) => Object.keys(row)));
  return [...names].filter((name) =>
    !KEYS.has(name) && !TRIAL.has(name) && place.some((row) => typeof row[name] === "number")
  );
}

function valuesOf(place: Rows, name: string): number[] {
  return place.map((row) => row[name]).filter((value) => typeof value === "number");
}

/** A trial without a row has none of what is counted. */
function meansOf(place: Rows, trials: number): Answer {
  const means = measuresOf(place).map((name) =>
    [name, valuesOf(place, name).reduce((sum, value) => sum + value, 0) / trials] as const
  );
  return { ...place[0]!, ...Object.fromEntries(means), trial: "all", seed: null };
}

function partsOf(place: Rows): Answer[] {
  const measures = measuresOf(place).map((name) =>
    [name, slices(valuesOf(place, name).sort((a, b) => a - b))] as const
  );
  return Array.from({ length: PARTS }, (_, at) => ({
    ...place[0]!,
    ...Object.fromEntries(measures.map(([name, means]) => [name, means[at]!] as const)),
    ...{ trial: String(at + 1), seed: null },
    part: `${100 * at / PARTS}\u00a0% to ${100 * (at + 1) / PARTS}\u00a0%`,
  }));
}

/** Means of sorted values in parts of equal weight; a value at the border counts in both, by its share. */
function slices(sorted: readonly number[]): number[] {
  const width = sorted.length / PARTS;
  return Array.from({ length: PARTS }, (_, part) => {
    const [from, to] = [part * width, (part + 1) * width];
    let sum = 0;
    for (let at = Math.floor(from); at < Math.min(sorted.length, Math.ceil(to)); at++) {
      sum += sorted[at]! * (Math.min(at + 1, to) - Math.max(at, from));
    }
    return sum / width;
  });
}

/** All rows of some of the trials of each workload, condition and arm. */
function linesOf(rows: Rows, by: string): Rows {
  const chosen = new Set<Value | undefined>();
  let all = true;
  for (const group of Map.groupBy(rows, comparedOf).values()) {
    const trials = [...Map.groupBy(group, ({ trial }) => trial)];
    if (trials.length > EACH_UP_TO) all = false;
    for (const trial of trials.length > EACH_UP_TO ? tenths(trials, by) : trials) {
      chosen.add(trial[0]);
    }
  }
  return all ? rows : rows.filter(({ trial }) => chosen.has(trial));
}

type Trial = [trial: Value | undefined, rows: Answer[]];

function tenths(trials: readonly Trial[], by: string): Trial[] {
  const ranked = trials.map((trial) => {
    const values = valuesOf(trial[1], by);
    return { trial, mean: values.reduce((sum, value) => sum + value, 0) / values.length };
  }).sort((a, b) => a.mean - b.mean);
  return Array.from(
    { length: LINES },
    (_, at) => ranked[Math.round(at * (ranked.length - 1) / (LINES - 1))]!.trial,
  );
}
