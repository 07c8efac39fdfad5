import {
  createDuckDB,
  type DuckDBBundles,
  type DuckDBConnection,
  NODE_RUNTIME,
  VoidLogger,
} from "@duckdb/duckdb-wasm/blocking";
import { fromFileUrl } from "@std/path";
import { tableFromIPC } from "apache-arrow";
import { LabError } from "../support/errors.ts";
import { arrowBytes, type Column, type Row } from "./arrow.ts";
import { load } from "./load.ts";
import { type Result, resultOf } from "./result.ts";
import type { RunFile } from "./run_file.ts";
import { readSchema } from "./schema.ts";

type DuckDBNodeBindings = Awaited<ReturnType<typeof createDuckDB>>;

/** The least that an engine must do, so that another one can stand behind the same questions. */
export interface Engine {
  /** Runs a statement and returns its rows; of several statements, the rows of the first. */
  query(sql: string): Result;
  /** Appends rows to a table; a column that a row does not name becomes NULL. */
  insert(table: string, rows: readonly Row[]): void;
  close(): void;
}

/** `eh` is the build with WebAssembly exceptions; Deno has them, so no other build is tried. */
function bundles(): DuckDBBundles {
  const mainModule = fromFileUrl(import.meta.resolve("@duckdb/duckdb-wasm/dist/duckdb-eh.wasm"));
  return { mvp: { mainModule, mainWorker: "" }, eh: { mainModule, mainWorker: "" } };
}

/** Closed engines, emptied: to compile WebAssembly anew takes longer than to analyse a run. */
const idle: DuckDBNodeBindings[] = [];

async function instantiate(): Promise<DuckDBNodeBindings> {
  const bindings = await createDuckDB(bundles(), new VoidLogger(), NODE_RUNTIME);
  await bindings.instantiate(() => {});
  return bindings;
}

/**
 * Opens an empty DuckDB database in memory.
 *
 * It can reach neither files nor extensions: an extension it wanted would be downloaded, and
 * without a network that blocks for ever.
 *
 * @throws {LabError} From `query`, with DuckDB's message, if the SQL is wrong.
 */
export async function openEngine(): Promise<Engine> {
  const bindings = idle.pop() ?? await instantiate();
  const connection = bindings.connect();
  for (
    const statement of [
      "SET autoinstall_known_extensions=false",
      "SET autoload_known_extensions=false",
      "SET enable_external_access=false",
      "SET lock_configuration=true",
    ]
  ) {
    connection.query(statement);
  }
  return {
    query: (sql) => query(connection, sql),
    insert: (table, rows) => insert(connection, table, rows),
    close: () => {
      connection.close();
      bindings.reset();
      idle.push(bindings);
    },
  };
}

function query(connection: DuckDBConnection, sql: string): Result {
  let bytes: Uint8Array;
  try {
    bytes = connection.useUnsafe((bindings, id) => bindings.runQuery(id, sql));
  } catch (error) {
    throw new LabError(
      `Cannot run the query: ${messageOf(error)}`,
      "Compare with analysis/schema.sql.",
    );
  }
  return resultOf(tableFromIPC(bytes));
}

/** DuckDB's own words. Some errors arrive as a JSON object, some as text. */
function messageOf(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  if (!message.startsWith("{")) return message;
  try {
    const { exception_type, exception_message } = JSON.parse(message);
    return `${exception_type} Error: ${exception_message}`;
  } catch {
    return message;
  }
}

function insert(connection: DuckDBConnection, table: string, rows: readonly Row[]): void {
  if (rows.length === 0) return;
  const columns = columnsOf(connection, table);
  const options = { name: table, create: false };
  connection.insertArrowFromIPCStream(arrowBytes(columns, rows, table), options);
}

/** Name and type of each column in order: schema.sql is the only place that says them. */
function columnsOf(connection: DuckDBConnection, table: string): Column[] {
  const { rows } = query(connection, `DESCRIBE ${table}`);
  return rows.map(({ column_name, column_type }) => {
    return { name: String(column_name), type: String(column_type) };
  });
}

/** A run's tables, open for questions. */
export interface Database {
  run: RunFile;
  /** See {@link Loaded.problems}: what the answers leave out, and why. */
  problems: LabError[];
  /** @throws {LabError} With DuckDB's message, if the SQL is wrong. */
  query(sql: string): Result;
  close(): void;
}

/**
 * Opens the tables of schema.sql over the records of a run folder.
 *
 * @throws {LabError} If run.json cannot be read. Broken records are no error: see `problems`.
 */
export async function openDatabase(runFolder: string): Promise<Database> {
  const loaded = await load(runFolder);
  const schema = await readSchema();
  // After all that can be wrong with the run: the engine is what takes time.
  const engine = await openEngine();
  engine.query(schema.sql);
  for (const [table, rows] of Object.entries(loaded.tables)) engine.insert(table, rows);
  const { run, problems } = loaded;
  return { run, problems, query: engine.query, close: engine.close };
}
