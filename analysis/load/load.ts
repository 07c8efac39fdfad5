// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import { readBytes } from "../../base/regular_file.ts";
import type { Processor } from "../../machines/machine.ts";
import { isShadowPaging } from "../../machines/paging.ts";
import { conditionsOf } from "./condition.ts";
import type { Tables } from "./facts.ts";
import { reasonRows } from "./reason_rows.ts";
import { remainingRows, rowsOf } from "./rows.ts";
import { damaged, parseRecords, parseRemains } from "../../contract/records.ts";
import { trialRow } from "./trial_row.ts";
import type { Row } from "../engine/arrow.ts";
import type { ColumnBatch } from "../engine/columns.ts";
import { traceRows } from "../trace/interpret.ts";
import { readRunFile, type RunFile, type TrialEntry } from "../../contract/run_file.ts";

/** A run as it was read: what it says of itself, its rows by table, and what was wrong with it. */
export interface Loaded {
  run: RunFile;
  tables: Tables;
  /** Raw traces by table, a batch a trial. */
  traces: Record<string, ColumnBatch[]>;
  /** One for every trial that `run.json` calls done but whose records cannot be trusted. */
  problems: LabError[];
}

/** Takes rows of a table, some at a time: they are not kept then. */
export type Sink = (table: string, rows: readonly Row[]) => Promise<void>;

/** As many rows of a table are gathered for a sink: few calls, and little memory. */
const BATCH_ROWS = 50_000;

/**
 * Reads a run folder into rows.
 *
 * A trial whose records are missing, broken or unfinished counts as failed, with the reason, and
 * none of its numbers reach a table: half a trial must not be analysed in silence.
 *
 * @param sink is given rows as soon as there are `batchRows`; what it was given is not among the tables
 * @throws {LabError} If run.json cannot be read.
 */
export async function load(
  runFolder: string,
  sink?: Sink,
  batchRows = BATCH_ROWS,
): Promise<Loaded> {
  const run = await readRunFile(runFolder);
  const conditions = conditionsOf(run.trials);
  const tables: Tables = { trials: [], reasons: reasonRows() };
  const problems: LabError[] = [];
  const traces: Record<string, ColumnBatch[]> = {};
  for (const [trial_number, entry] of run.trials.entries()) {
    const condition = conditions.get(entry.id) ?? "";
    const outcome = await loadTrial(runFolder, entry, trial_number);
    if (outcome.problem !== undefined) problems.push(outcome.problem);
    const reason = outcome.problem?.message ?? entry.reason;
    const status = outcome.problem === undefined ? entry.status : "failed";
    tables.trials?.push({ ...trialRow(entry, trial_number, condition), status, reason });
    for (const [table, rows] of Object.entries(outcome.tables)) {
      const all = tables[table] ??= [];
      for (const row of rows) all.push(row);
      if (sink === undefined || all.length < batchRows) continue;
      await sink(table, all);
      tables[table] = [];
    }
    for (const [table, batch] of Object.entries(outcome.traces ?? {})) {
      (traces[table] ??= []).push(batch);
    }
  }
  return { run, tables, traces, problems };
}

interface Outcome {
  tables: Tables;
  traces?: Record<string, ColumnBatch>;
  problem?: LabError;
}

async function loadTrial(
  runFolder: string,
  entry: TrialEntry,
  trialNumber: number,
): Promise<Outcome> {
  if (entry.status === "waiting") return { tables: {} };
  const bytes = await readIfThere(join(runFolder, entry.records));
  if (entry.status === "failed") return { tables: remainsOf(bytes, entry.id) };
  try {
    if (bytes === null) throw damaged(entry.records, 1, "the file is missing");
    const records = parseRecords(bytes, entry.records, entry.digest ?? undefined);
    const [host] = records.host;
    if (host === undefined) throw damaged(entry.records, 1, "no record says what host it was");
    const shadow = isShadowPaging(entry.settings.mmu);
    const processor: Processor = {
      vendor: host.vendor ?? null,
      paging: shadow ? "shadow" : "nested",
    };
    return {
      tables: rowsOf(records, {
        ...{ trial: entry.id, ...processor, file: entry.records },
        phaseWall_s: entry.phases_wall_s,
      }),
      traces: traceRows(records, {
        trialNumber,
        file: entry.records,
        processor,
        inPlace: entry.settings.arm === "on",
      }),
    };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { tables: remainsOf(bytes, entry.id), problem: error };
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readBytes(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function remainsOf(bytes: Uint8Array | null, trial: string): Tables {
  return bytes === null ? {} : remainingRows(parseRemains(bytes), trial);
}
