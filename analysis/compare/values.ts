// SPDX-License-Identifier: Apache-2.0
import type { Database } from "../tables/database.ts";
import { listQuestions } from "../questions/questions.ts";
import type { Answer, Value } from "../engine/result.ts";

/** Every number that the lab's questions give for one trial, by what it says. */
export type TrialValues = Map<string, MetricValue>;

/** A number of an answer, and where in the answer it stands. */
export interface MetricValue {
  question: string;
  measure: string;
  /** The phase it belongs to, if the question tells phases apart. */
  phase: string | null;
  value: Value;
}

/** Where a row belongs rather than what was measured; the names of trials differ between runs. */
const PLACE = new Set(["trial", "workload", "condition", "arm", "seed", "ordinal"]);

/** Numbers that say which row it is. */
const NUMERIC_KEYS = new Set([
  "guest",
  "round",
  "reason_code",
  "error_code",
  "bin",
  "low_ticks",
  "low_instructions",
]);

/** Questions about what trials were carried out on rather than what they gave. */
const NOT_MEASURED = new Set(["hosts"]);

/**
 * Columns that are wall-clock time or are computed from it: neither deterministic nor a result. They
 * are no measure, and no part of what says which row it is either.
 */
const WALL_TIME = new Set(["wall_s", "millions_per_s"]);

/**
 * The answers of all questions that give rows for each trial, by trial and then by a key that the
 * same row of another run has too.
 */
export async function trialValues(database: Database): Promise<Map<string, TrialValues>> {
  const byTrial = new Map<string, TrialValues>();
  for (const { name, sql } of await listQuestions()) {
    if (NOT_MEASURED.has(name)) continue;
    const { columns, rows } = await database.query(sql);
    if (!columns.includes("trial")) continue;
    const measures = columns.filter((column) => isMeasure(column, rows));
    const keys = columns.filter((column) =>
      !PLACE.has(column) && !WALL_TIME.has(column) && !measures.includes(column)
    );
    const seen = new Map<string, number>();
    for (const row of rows) {
      const trial = String(row.trial);
      const values = byTrial.get(trial) ?? new Map();
      byTrial.set(trial, values);
      const key = [name, ...keys.map((column) => `${column}=${row[column]}`)].join(" ");
      /* Rows of a series have no key of their own but their order. */
      const occurrence = (seen.get(`${trial} ${key}`) ?? 0) + 1;
      seen.set(`${trial} ${key}`, occurrence);
      const phase = typeof row.phase === "string" ? row.phase : null;
      for (const measure of measures) {
        values.set(`${key} #${occurrence} ${measure}`, {
          ...{ question: name, measure, phase, value: row[measure] ?? null },
        });
      }
    }
  }
  return byTrial;
}

function isMeasure(column: string, rows: readonly Answer[]): boolean {
  if (PLACE.has(column) || NUMERIC_KEYS.has(column) || WALL_TIME.has(column)) return false;
  return rows.some((row) => typeof row[column] === "number");
}
