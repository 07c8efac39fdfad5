import type { Row } from "./arrow.ts";
import { LabError } from "../../base/errors.ts";
import type { Result } from "./result.ts";
import type { ColumnBatch } from "./columns.ts";

/**
 * Which DuckDB works: `wasm`, the default, is WebAssembly and cannot leave its sandbox; `native` is
 * fetched when first asked for, is faster on large data and runs outside Deno's permissions.
 */
const engineKinds = ["wasm", "native"] as const;
export type EngineKind = (typeof engineKinds)[number];

/** The least that an engine must do, so that another one can stand behind the same questions. */
export interface Engine {
  /**
   * Runs statements and returns the rows of one of them: the only one, as a rule.
   *
   * @throws {LabError} With DuckDB's message, if the SQL is wrong.
   */
  query(sql: string): Promise<Result>;
  /** Appends rows to a table; a column that a row does not name becomes NULL. */
  insert(table: string, rows: readonly Row[]): Promise<void>;
  /** Appends rows that are given column by column, all of the table's columns in their order. */
  insertColumns(table: string, batch: ColumnBatch): Promise<void>;
  close(): void;
}

/** A column of a table, with DuckDB's name of its type. */
export interface Column {
  name: string;
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

/** Opens an empty DuckDB database in memory, which reaches neither files nor the network. */
export async function openEngine(kind: EngineKind = "wasm"): Promise<Engine> {
  return kind === "native"
    ? await (await import("./native.ts")).openNative()
    : await (await import("./wasm.ts")).openWasm();
}

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
  const message = (error instanceof Error ? error.message : String(error)).trim();
  return new LabError(
    `Cannot run the query: ${fromJson(message) ?? message}`,
    "Compare with analysis/tables/schema.sql.",
  );
}

function fromJson(message: string): string | undefined {
  if (!message.startsWith("{")) return undefined;
  try {
    const { exception_type, exception_message } = JSON.parse(message);
    return `${exception_type} Error: ${exception_message}`;
  } catch {
    return undefined;
  }
}
