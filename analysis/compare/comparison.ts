// SPDX-License-Identifier: Apache-2.0
/** Two runs held against each other. */
import { LabError } from "../../base/errors.ts";
import { isOutside } from "../../contract/exact.ts";
import { openDatabase } from "../tables/database.ts";
import { readRunFile, type RunFile } from "../../contract/run_file.ts";
import { type PairedEffect, pairedEffect } from "../statistics/mod.ts";
import { type Headline, headlines, headlineValue } from "./headlines.ts";
import { differingInputs, type InputDifference } from "./inputs.ts";
import { type Pair, type Pairing, pairTrials, type SettingDifference } from "./pairs.ts";
import { type MetricValue, type TrialValues, trialValues } from "./values.ts";

/** One run of the two. */
export interface Side {
  /** Its name. */
  run: string;
  /** What it was called where it was named: "reference", or a pack's file; otherwise `run`. */
  called: string;
  /** The experiment's title, or its name where it has none. */
  title: string;
  /** `exact`: its counts repeat to the digit. */
  mode: string;
  /** Kind of host its trials ran on. */
  host: string;
  /** Whether it was built of sources other than the locked ones. */
  drift: boolean;
  /** Of the records of all its trials; null if it has none. */
  digest: string | null;
  /** How many it has, whatever their end. */
  trials: number;
}

/** A headline of one group of pairs: a workload in an arm. */
export interface HeadlineRow {
  /** Short name of the headline. */
  name: string;
  /** The headline in words, with its unit. */
  title: string;
  /** The workload of its trials. */
  workload: string;
  /** Their arm; "" where that is what the runs differ in. */
  arm: string;
  /** Pairs of trials in which both have a value. */
  pairs: number;
  /** Those of them whose values are the same. */
  equalPairs: number;
  /** Mean of run A over the pairs. */
  a: number;
  /** Mean of run B over the pairs. */
  b: number;
  /** b / a - 1; null if a is 0. */
  change: number | null;
  /** Values by pair, in the order of the pairs. */
  values: [a: number, b: number][];
  /**
   * What the pairs say of B - A; null between exact runs, where each difference is a fact and is
   * not estimated.
   */
  effect: PairedEffect | null;
}

/** All numbers of one measure of a question in one phase, over all pairs. */
export interface MeasureRow {
  /** Name of the question. */
  question: string;
  /** A column of its answer. */
  measure: string;
  /** null: the question is not about phases. */
  phase: string | null;
  /** Numbers that were compared. */
  compared: number;
  /** Those of them that are not the same. */
  different: number;
  /** Where it differs most, in words; null if it does not. */
  largest: string | null;
}

/** Two trials that differ in nothing but the run they belong to. */
export interface ComparedTrials {
  /** Workload, arm and what else varies, in words. */
  label: string;
  /** Id of the trial of run A. */
  a: string;
  /** Id of the trial of run B. */
  b: string;
  /** Whether their records have the same digest. */
  sameRecords: boolean;
}

/** What two runs have in common and in what they differ. */
export interface Comparison {
  /** The run named first. */
  a: Side;
  /** The run named second. */
  b: Side;
  /** Both are exact and neither has drifted: what is equal must be so to the last digit. */
  exact: boolean;
  /** Why they are not held against each other as exact. */
  inexactBecause: string[];
  /** Settings that have other values in one run than in the other throughout. */
  settings: SettingDifference[];
  /** What their results depend on and they do not share, those settings among it. */
  inputs: InputDifference[];
  /** Trials that were held against each other. */
  pairs: ComparedTrials[];
  /** Ids of finished trials of run A without a counterpart. */
  onlyA: string[];
  /** Ids of finished trials of run B without a counterpart. */
  onlyB: string[];
  /** The numbers that matter most, by workload and arm. */
  headlines: HeadlineRow[];
  /** Every measure of every question. */
  measures: MeasureRow[];
  /** Numbers that were compared, all measures together. */
  compared: number;
  /** Those of them that are not the same. */
  different: number;
  /** Whether every number of every pair is the same. */
  equal: boolean;
}

/**
 * Compares two finished runs, number by number.
 *
 * @throws {LabError} if a run cannot be read, is not finished or has damaged records, or if they have
 * no trials in common.
 */
export async function compareRuns(folderA: string, folderB: string): Promise<Comparison> {
  const [comparison] = await compareWithFirst([folderA, folderB]);
  return comparison!;
}

/**
 * Compares the first of several finished runs with each of the others, in their order.
 *
 * @param called what each is called where that is not the run's own name
 * @throws {LabError} as {@linkcode compareRuns}
 */
export async function compareWithFirst(
  folders: readonly string[],
  called: readonly (string | undefined)[] = [],
): Promise<Comparison[]> {
  const runs: RunFile[] = [];
  for (const folder of folders) runs.push(await finishedRun(folder));
  const [first, ...others] = runs;
  const pairings = others.map((other) => pairTrials(first!, other));
  const values: Map<string, TrialValues>[] = [];
  for (const folder of folders) values.push(await read(folder));
  return others.map((other, at) =>
    comparisonOf(
      pairings[at]!,
      [sideOf(first!, called[0]), sideOf(other, called[at + 1])],
      [first!, other],
      [values[0]!, values[at + 1]!],
    )
  );
}

function comparisonOf(
  { pairs, settings, onlyA, onlyB }: Pairing,
  [sideA, sideB]: [Side, Side],
  [a, b]: [RunFile, RunFile],
  [valuesA, valuesB]: [Map<string, TrialValues>, Map<string, TrialValues>],
): Comparison {
  const valuesOf = (pair: Pair): [TrialValues, TrialValues] => [
    valuesA.get(pair.a.id) ?? new Map(),
    valuesB.get(pair.b.id) ?? new Map(),
  ];
  const compared = pairs.map((pair) => ({ pair, values: valuesOf(pair) }));
  const measures = measureRows(compared);
  const inexactBecause = whyInexact(a, b);
  const exact = inexactBecause.length === 0;
  const different = sumOf(measures, "different");
  return {
    ...{ a: sideA, b: sideB, exact, inexactBecause, settings },
    inputs: differingInputs(a, b, settings),
    pairs: pairs.map(({ label, a, b }) => ({
      ...{ label, a: a.id, b: b.id, sameRecords: a.digest === b.digest },
    })),
    ...{ onlyA, onlyB },
    headlines: headlines.flatMap((one) => headlineRows(one, compared, exact)).sort(bySize),
    ...{ measures, compared: sumOf(measures, "compared"), different, equal: different === 0 },
  };
}

/** The largest change first; among equal ones they stay as they are. */
function bySize(one: HeadlineRow, other: HeadlineRow): number {
  return sizeOf(other) - sizeOf(one);
}

/** What rises from nothing rises by more than any factor. */
function sizeOf({ a, b, change }: HeadlineRow): number {
  return change === null ? a === b ? 0 : Number.MAX_VALUE : Math.abs(change);
}

async function finishedRun(folder: string): Promise<RunFile> {
  const run = await readRunFile(folder);
  const waiting = run.trials.filter(({ status }) => status === "waiting").length;
  if (waiting > 0 || run.finished === null || run.finished === undefined) {
    throw new LabError(
      `Cannot compare ${run.run}: it is not finished, ${waiting} of ${run.trials.length} trials wait`,
      `Finish it first: ./lab run --resume ${run.run}`,
    );
  }
  return run;
}

async function read(folder: string): Promise<Map<string, TrialValues>> {
  const database = await openDatabase(folder);
  try {
    const [problem] = database.problems;
    if (problem !== undefined) throw problem;
    return await trialValues(database);
  } finally {
    database.close();
  }
}

function whyInexact(a: RunFile, b: RunFile): string[] {
  return [a, b].flatMap((run) => [
    ...(run.mode === "exact" ? [] : [
      isOutside(run.mode)
        ? `${run.run} was ${run.mode}`
        : `${run.run} was measured in ${run.mode} mode`,
    ]),
    ...(run.drift === true ? [`${run.run} was built from other sources than the locked ones`] : []),
  ]);
}

function sideOf(run: RunFile, called = run.run): Side {
  const { mode, host, trials } = run;
  return {
    ...{ run: run.run, called, title: run.experiment.title ?? run.experiment.name, mode, host },
    ...{ drift: run.drift === true, digest: run.digest ?? null, trials: trials.length },
  };
}

interface ComparedPair {
  pair: Pair;
  values: [TrialValues, TrialValues];
}

function headlineRows(
  headline: Headline,
  compared: readonly ComparedPair[],
  exact: boolean,
): HeadlineRow[] {
  const groups = Map.groupBy(compared, ({ pair }) => JSON.stringify([pair.workload, pair.arm]));
  return [...groups.values()].flatMap((group) => {
    const values = group.flatMap(({ values: [left, right] }): [number, number][] => {
      const [a, b] = [headlineValue(headline, left), headlineValue(headline, right)];
      return a === undefined || b === undefined ? [] : [[a, b]];
    });
    if (values.length === 0) return [];
    const { workload, arm } = group[0]!.pair;
    const [a, b] = [0, 1].map((at) => mean(values.map((pair) => pair[at]!))) as [number, number];
    return [{
      ...{
        name: headline.name,
        title: headline.title,
        workload,
        arm,
        pairs: values.length,
        a,
        b,
        values,
      },
      equalPairs: values.filter(([left, right]) => left === right).length,
      change: a === 0 ? null : b / a - 1,
      effect: exact ? null : pairedEffect(values.map(([from, to]) => ({ from, to }))),
    }];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function measureRows(compared: readonly ComparedPair[]): MeasureRow[] {
  const rows = new Map<string, MeasureRow & { most: number }>();
  for (const { pair, values: [left, right] } of compared) {
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      const [a, b] = [left.get(key), right.get(key)];
      const { question, measure, phase } = (a ?? b)!;
      const place = JSON.stringify([question, measure, phase]);
      const row = rows.get(place) ??
        { question, measure, phase, compared: 0, different: 0, largest: null, most: -1 };
      rows.set(place, row);
      row.compared++;
      if (a?.value === b?.value) continue;
      row.different++;
      const distance = distanceOf(a, b);
      if (distance <= row.most) continue;
      row.most = distance;
      row.largest = `${pair.label}: ${shown(a)} against ${shown(b)}${placeIn(key)}`;
    }
  }
  return [...rows.values()].map(({ most: _, ...row }) => row);
}

/** How far apart two values are, relative to the larger; what one run lacks is as far as can be. */
function distanceOf(a: MetricValue | undefined, b: MetricValue | undefined): number {
  const [x, y] = [a?.value, b?.value];
  if (typeof x !== "number" || typeof y !== "number") return 1;
  return Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y));
}

function shown(value: MetricValue | undefined): string {
  return value === undefined || value.value === null ? "nothing" : String(value.value);
}

/** The part of a key that says which row it is: " (guest=0 round=1)". */
function placeIn(key: string): string {
  const words = key.split(" ").slice(1).filter((word) => /^(guest|round|reason|bin)=/.test(word));
  return words.length === 0 ? "" : ` (${words.join(" ")})`;
}

function sumOf(rows: readonly MeasureRow[], of: "compared" | "different"): number {
  return rows.reduce((sum, row) => sum + row[of], 0);
}
