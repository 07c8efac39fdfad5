// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../../base/errors.ts";
import { memoryLimit_mib } from "./limits.ts";
import type { Result } from "./result.ts";
import type { ColumnBatch } from "./columns.ts";

/**
 * Which DuckDB works: `wasm`, the default, is WebAssembly and cannot leave its sandbox; `native` is
 * fetched when first asked for, is faster on large data and runs outside Deno's permissions.
 */
export type EngineKind = "wasm" | "native";
const engineKinds: readonly EngineKind[] = ["wasm", "native"];

/** A value of a row on its way into the database. */
export type Cell = string | number | boolean | null;
/** A row by column name; a column that is not named is NULL. */
export type Row = Readonly<Record<string, Cell>>;

/** The least that an engine must do, so that another one can stand behind the same questions. */
export interface Engine {
  /**
   * Runs statements and returns the rows of one of them: the only one, as a rule.
   *
   * @param most values that the answer may have, rows times columns
   * @throws {LabError} With DuckDB's message, if the SQL is wrong.
   */
  query(sql: string, most?: number): Promise<Result>;
  /** Appends rows to a table; a column that a row does not name becomes NULL. */
  insert(table: string, rows: readonly Row[]): Promise<void>;
  /** Appends rows that are given column by column, all of the table's columns in their order. */
  insertColumns(table: string, batch: ColumnBatch): Promise<void>;
  /** Compresses what was inserted since the last time: tables then take a tenth of the memory, or less. */
  compress(): Promise<void>;
  /** Ends it; it can be asked no more. */
  close(): void;
}

/** A column of a table, with DuckDB's name of its type. */
export interface Column {
  /** Its name. */
  name: string;
  /** Its type, as DuckDB calls it: BIGINT, VARCHAR. */
  type: string;
}

/**
 * Said first of all to every engine. It can then reach neither files nor extensions: an extension it
 * wanted would be downloaded, and without a network that blocks for ever.
 */
export const confinement = [
  "SET autoinstall_known_extensions=false",
  "SET autoload_known_extensions=false",
  "SET enable_external_access=false",
  "SET lock_configuration=true",
];

/** The engine of that name. @throws {LabError} If there is none. */
export function engineKind(name: unknown): EngineKind {
  const kind = engineKinds.find((each) => each === name);
  if (kind !== undefined) return kind;
  throw new LabError(
    `Cannot use the engine "${name}": there is no such engine`,
    `Engines: ${engineKinds.join(", ")}`,
  );
}

/** Name and type of each column in order: schema.sql is the only place that says them. */
export async function columnsOfTable(
  query: Engine["query"],
  table: string,
): Promise<Column[]> {
  const { rows } = await query(`DESCRIBE ${table}`);
  return rows.map(({ column_name, column_type }) => {
    return { name: String(column_name), type: String(column_type) };
  });
}

/** DuckDB's own words. Some errors arrive as a JSON object, some as text. */
export function refusal(error: unknown): LabError {
  if (error instanceof LabError) return error;
  const message = (error instanceof Error ? error.message : String(error)).trim();
  if (noMemory.test(message)) {
    return new LabError(
      `Cannot run the query: it takes more than the ${memoryLimit_mib} MiB of memory that SQL may have`,
      "Ask for less at a time: filter before joining, sorting and grouping, or aggregate",
      { cause: error },
    );
  }
  return new LabError(
    `Cannot run the query: ${fromJson(message) ?? message}`,
    "Compare with analysis/tables/schema.sql.",
  );
}

/** Of its own limit, and of WebAssembly's allocator. */
const noMemory = /Out of Memory Error|OutOfMemory|malloc of size|could not allocate|bad_alloc/i;

function fromJson(message: string): string | undefined {
  if (!message.startsWith("{")) return undefined;
  try {
    const { exception_type, exception_message } = JSON.parse(message);
    return `${exception_type} Error: ${exception_message}`;
  } catch {
    return undefined;
  }
}
