// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { AsyncDuckDB, type AsyncDuckDBConnection, VoidLogger } from "@duckdb/duckdb-wasm";
import { type AsyncRecordBatchStreamReader, type RecordBatch, Table } from "apache-arrow";
import { type Result, resultOf } from "../../engine/result.ts";
import { objectionToStatements } from "../../questions/statements.ts";
import { fetchWhole, type Lab } from "./lab.ts";

/** Which tables a query is about: those of each run, one after the other, or of all in one. */
export type Ask = "each" | "together";

/** Rows beyond these are not read: they would be too many for a page. */
const MOST_ROWS = 100_000;

/** An answer, or as much of it as was read. */
export interface Answered extends Result {
  cut: boolean;
}

/** A table or a view as DuckDB describes it. */
export interface Described {
  name: string;
  columns: { name: string; type: string; comment: string }[];
}

/** The runs' tables in DuckDB, which works in a worker of its own. */
export interface Database {
  /** @throws {Error} With DuckDB's message, if the SQL is wrong or was stopped. */
  ask(sql: string, ask: Ask): Promise<Answered>;
  /** Stops the query that is running. */
  stop(): Promise<void>;
  tables(): Promise<Described[]>;
}

/**
 * Loads the runs. Each has a database of its own with the tables of schema.sql, in which the lab's
 * questions work as they are; views over all of them say in a column which run a row is of.
 */
export async function openDatabase(lab: Lab, progress: (text: string) => void): Promise<Database> {
  progress("Loading DuckDB");
  // Fetched while DuckDB is compiled, which takes longest.
  const fetched = lab.runs.map((_, at) => fetchTables(lab, at));
  const duckdb = new AsyncDuckDB(new VoidLogger(), new Worker("lib/duckdb-worker.js"));
  await duckdb.instantiate(new URL("lib/duckdb.wasm", location.href).href);
  const all = await duckdb.connect();
  const each: { name: string; connection: AsyncDuckDBConnection }[] = [];
  for (const [at, run] of lab.runs.entries()) {
    progress(`Loading ${run.name}`);
    each.push({ name: run.name, connection: await loadRun(duckdb, all, lab, at, fetched[at]!) });
  }
  await all.query(await viewsOverAll(all, lab));
  for (const statement of lab.confinement) await all.query(statement);

  let running: AsyncDuckDBConnection | undefined;
  const askOne = async (connection: AsyncDuckDBConnection, sql: string): Promise<Answered> => {
    running = connection;
    try {
      return await read(connection, sql);
    } finally {
      running = undefined;
    }
  };
  return {
    ask: async (sql, ask) => {
      const objection = objectionToStatements(sql);
      if (objection !== undefined) throw new Error(`Cannot run the query: ${objection}`);
      if (ask === "together") return await askOne(all, sql);
      const answers: { run: string; answer: Answered }[] = [];
      for (const { name, connection } of each) {
        answers.push({ run: name, answer: await askOne(connection, sql) });
      }
      return stacked(answers);
    },
    stop: async () => {
      await running?.cancelSent();
    },
    tables: async () => await describe(all),
  };
}

/** Name of a run's database. */
const databaseOf = (run: number) => `run${run + 1}`;

/** A piece of a table as an Arrow IPC stream. */
interface Piece {
  table: string;
  bytes: Uint8Array;
}

async function fetchTables(lab: Lab, at: number): Promise<Piece[]> {
  const pieces = lab.runs[at]!.tables.flatMap(({ name, parts }) =>
    Array.from({ length: parts }, async (_, part) => {
      const response = await fetchWhole(`tables/${at}/${name}/${part}`);
      return { table: name, bytes: new Uint8Array(await response.arrayBuffer()) };
    })
  );
  return await Promise.all(pieces);
}

async function loadRun(
  duckdb: AsyncDuckDB,
  all: AsyncDuckDBConnection,
  lab: Lab,
  at: number,
  fetched: Promise<Piece[]>,
): Promise<AsyncDuckDBConnection> {
  await all.query(`ATTACH ':memory:' AS ${databaseOf(at)}`);
  const connection = await duckdb.connect();
  await connection.query(`USE ${databaseOf(at)}`);
  await connection.query(lab.schema);
  for (const { table, bytes } of await fetched) {
    await connection.insertArrowFromIPCStream(bytes, { name: table, create: false });
  }
  if (lab.runs[at]!.traced) await connection.query(lab.attribution);
  return connection;
}

/**
 * Every table and view once more, over all runs. KSM's own file `run` has to make room for the run's
 * name, and schema.sql is said again for its macros and types.
 */
async function viewsOverAll(all: AsyncDuckDBConnection, lab: Lab): Promise<string> {
  const first = databaseOf(0);
  const { rows } = await read(
    all,
    `SELECT table_name, bool_or(column_name = 'run') AS has_run FROM duckdb_columns()
     WHERE database_name = '${first}' AND NOT internal GROUP BY ALL ORDER BY table_name`,
  );
  const views = rows.map(({ table_name, has_run }) => {
    const columns = has_run === true ? `* RENAME (run AS ${table_name}_run)` : "*";
    const parts = lab.runs.map(({ name }, at) =>
      `SELECT ${quoted(name)} AS run, ${columns} FROM ${databaseOf(at)}.${table_name}`
    );
    return `CREATE VIEW ${table_name} AS ${parts.join(" UNION ALL ")};`;
  });
  const macros = lab.schema.match(/^CREATE MACRO [^;]*;/gm) ?? [];
  return [...views, ...macros].join("\n");
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Sends a query and reads its answer as it comes, so that it can be stopped. */
async function read(connection: AsyncDuckDBConnection, sql: string): Promise<Answered> {
  // DuckDB's types are those of another version of Arrow; the page has one only.
  const reader = await connection.send(sql, true) as unknown as AsyncRecordBatchStreamReader;
  const batches: RecordBatch[] = [];
  let count = 0;
  for await (const batch of reader) {
    batches.push(batch);
    count += batch.numRows;
    if (count > MOST_ROWS) break;
  }
  const table = batches.length === 0 ? new Table(reader.schema) : new Table(batches);
  const result = resultOf(table.slice(0, MOST_ROWS));
  if (count > MOST_ROWS) await connection.cancelSent();
  return { ...result, cut: count > MOST_ROWS };
}

/** One answer after the other, with a column that says of which run it is. */
function stacked(answers: readonly { run: string; answer: Answered }[]): Answered {
  const [first] = answers;
  if (answers.length === 1 && first !== undefined) return first.answer;
  const columns = first?.answer.columns ?? [];
  const name = columns.includes("run") ? "run_name" : "run";
  return {
    columns: [name, ...columns],
    rows: answers.flatMap(({ run, answer }) => answer.rows.map((row) => ({ [name]: run, ...row }))),
    cut: answers.some(({ answer }) => answer.cut),
  };
}

/** Comments stand at the tables of a run; the views over all have none. */
async function describe(all: AsyncDuckDBConnection): Promise<Described[]> {
  const { rows } = await read(
    all,
    `SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
     WHERE database_name = '${databaseOf(0)}' AND NOT internal
     ORDER BY table_name, column_index`,
  );
  const tables = new Map<string, Described>();
  for (const { table_name, column_name, data_type, comment } of rows) {
    const name = String(table_name);
    const table = tables.get(name) ?? { name, columns: [] };
    tables.set(name, table);
    table.columns.push({
      name: String(column_name),
      type: String(data_type),
      comment: comment === null || comment === undefined ? "" : String(comment),
    });
  }
  return [...tables.values()];
}
