// SPDX-License-Identifier: Apache-2.0
import { arrowBatches, arrowBytes } from "../engine/arrow.ts";
import { load, type Loaded } from "../load/load.ts";
import { readSchema, type SchemaColumn } from "../tables/schema.ts";

/** A run as the page gets it. */
export interface ViewedRun {
  /** Its name, made distinct where two runs have the same. */
  name: string;
  title: string;
  /** How many of its trials are done, and how many there are. */
  done: number;
  trials: number;
  /** Tables that have rows, and in how many pieces they come. */
  tables: { name: string; parts: number }[];
  /** Whether it has a raw trace: then faults are to be explained. */
  traced: boolean;
}

/** Runs that were read, and their tables piece by piece. */
export interface ViewedRuns {
  runs: ViewedRun[];
  /** One for every trial whose records cannot be trusted. */
  problems: string[];
  /** A piece of a table as an Arrow IPC stream, if there is such a piece. */
  part(run: number, table: string, part: number): Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Reads runs for the page: the same rows as `lab query` has.
 *
 * @throws {LabError} If a folder holds no run.
 */
export async function readRuns(folders: readonly string[]): Promise<ViewedRuns> {
  const { columns } = await readSchema();
  const loaded: Loaded[] = [];
  for (const folder of folders) loaded.push(await load(folder));
  const parts = loaded.map((run) => partsOf(run, columns));
  const names = distinctNames(loaded.map(({ run }) => run.run));
  return {
    runs: loaded.map(({ run, traces }, at) => ({
      name: names[at]!,
      title: run.experiment.title ?? run.experiment.name,
      done: run.trials.filter(({ status }) => status === "done").length,
      trials: run.trials.length,
      tables: [...parts[at]!].map(([name, made]) => ({ name, parts: made.length })),
      traced: Object.keys(traces).length > 0,
    })),
    problems: loaded.flatMap(({ problems }) => problems.map(({ message }) => message)),
    part: (run, table, part) => parts[run]?.get(table)?.[part]?.(),
  };
}

/** A piece of a table is packed when it is asked for. */
type Part = () => Uint8Array<ArrayBuffer>;

function partsOf(loaded: Loaded, schema: readonly SchemaColumn[]): Map<string, Part[]> {
  const parts = new Map<string, Part[]>();
  for (const [table, rows] of Object.entries(loaded.tables)) {
    if (rows.length === 0) continue;
    const columns = schema.filter((column) => column.table === table);
    parts.set(table, [() => new Uint8Array(arrowBytes(columns, rows, table))]);
  }
  for (const [table, batches] of Object.entries(loaded.traces)) {
    const packed = batches.flatMap((batch) => [...arrowBatches(batch)]);
    parts.set(table, packed.map((bytes) => () => new Uint8Array(bytes)));
  }
  return parts;
}

/** A copy of a run has the run's name. */
function distinctNames(names: readonly string[]): string[] {
  return names.map((name, at) => {
    const before = names.slice(0, at).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}
