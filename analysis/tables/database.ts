// SPDX-License-Identifier: Apache-2.0
import type { LabError } from "../../base/errors.ts";
import { fillAttribution } from "../trace/attribution.ts";
import type { Engine, EngineKind } from "../engine/engine.ts";
import { openEngine } from "../engine/open.ts";
import { load, type Loaded } from "../load/load.ts";
import type { RunFile } from "../../contract/run_file.ts";
import { readSchema } from "./schema.ts";

/** A run's tables, open for questions. */
export interface Database {
  /** What run.json says. */
  run: RunFile;
  /** See {@link Loaded.problems}: what the answers leave out, and why. */
  problems: LabError[];
  /** The raw traces as they were loaded, by table and trial. */
  traces: Loaded["traces"];
  /** @throws {LabError} With DuckDB's message, if the SQL is wrong. */
  /** Runs statements and gives the rows of the last. */
  query: Engine["query"];
  /** The tables are gone then. */
  close(): void;
}

/** Rows that are not compressed yet, at most: some 100 MiB. */
const LOOSE_ROWS = 500_000;

/**
 * Opens the tables of schema.ts over the records of a run folder.
 *
 * @throws {LabError} If run.json cannot be read. Broken records are no error: see `problems`.
 */
export async function openDatabase(runFolder: string, kind?: EngineKind): Promise<Database> {
  // After all that can be wrong with the run: the engine is what takes time.
  let opened: Engine | undefined;
  const open = async () => {
    if (opened !== undefined) return opened;
    const engine = await openEngine(kind);
    await engine.query((await readSchema()).sql);
    return opened = engine;
  };
  let loose = 0;
  const loaded = await load(runFolder, async (table, rows) => {
    const engine = await open();
    await engine.insert(table, rows);
    loose += rows.length;
    if (loose < LOOSE_ROWS) return;
    await engine.compress();
    loose = 0;
  });
  const engine = await open();
  for (const [table, rows] of Object.entries(loaded.tables)) await engine.insert(table, rows);
  for (const [table, batches] of Object.entries(loaded.traces)) {
    for (const batch of batches) await engine.insertColumns(table, batch);
  }
  if (Object.keys(loaded.traces).length > 0) await fillAttribution(engine);
  await engine.compress();
  const { run, problems, traces } = loaded;
  return { run, problems, traces, query: engine.query, close: engine.close };
}
