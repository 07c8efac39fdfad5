// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { createRequire } from "node:module";
import { cacheRoot } from "../../store/cache.ts";
import { LabError } from "../../base/errors.ts";
import { checkNames } from "./arrow.ts";
import { columnsOfTable, confinement, type Engine, refusal, type Row } from "./engine.ts";
import type { ColumnBatch } from "./columns.ts";
import { compress, limits, mostValues, requireFewValues } from "./limits.ts";
import { resultOfRows } from "./result.ts";

/** What is used of `@duckdb/node-api`. Its own types are not there unless it was fetched. */
interface Api {
  DuckDBInstance: { create(path: string): Promise<Instance> };
  DuckDBDataChunk: { create(types: readonly unknown[], rowCount?: number): Chunk };
}
interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}
interface Connection {
  run(sql: string): Promise<unknown>;
  streamAndReadUntil(sql: string, targetRowCount: number): Promise<Reader>;
  createAppender(table: string): Promise<Appender>;
  closeSync(): void;
}
/** Rows as far as they were read: at least as many as were asked for, if there are so many. */
interface Reader {
  currentRowCount: number;
  columnCount: number;
  columnNames(): string[];
  getRowsJS(): unknown[][];
  getRows(): unknown[][];
  readUntil(targetRowCount: number): Promise<void>;
}
interface Appender {
  columnCount: number;
  columnType(index: number): unknown;
  appendDataChunk(chunk: Chunk): void;
  closeSync(): void;
}
interface Chunk {
  rowCount: number;
  setColumnValues(column: number, values: readonly unknown[]): void;
}

/** Most rows of one chunk: DuckDB's vector size. */
const CHUNK_ROWS = 2048;

/**
 * DuckDB as native code, which the `lab` script fetches when it is first asked for.
 *
 * @throws {LabError} If it is not there or cannot be loaded.
 */
export async function openNative(): Promise<Engine> {
  const api = loadApi();
  const instance = await api.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const statement of [...limits, ...confinement]) await connection.run(statement);
  const query = async (sql: string, most = mostValues) => {
    try {
      const answer = await connection.streamAndReadUntil(sql, 1);
      /* How wide it is decides how many rows are too many. */
      await answer.readUntil(Math.floor(most / Math.max(1, answer.columnCount)) + 1);
      requireFewValues(answer.currentRowCount, answer.columnCount, most);
      return resultOfRows(
        answer.columnNames(),
        withTimes(answer.getRowsJS(), () => answer.getRows()),
      );
    } catch (error) {
      throw refusal(error);
    }
  };
  return {
    query,
    insert: async (table, rows) => {
      if (rows.length > 0) await append(api, connection, table, rows, query);
    },
    insertColumns: async (table, batch) => await appendColumns(api, connection, table, batch),
    compress: async () => void await query(compress),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Dates and times in DuckDB's own words: a Date of JavaScript's tells them no more apart. */
function withTimes(values: unknown[][], own: () => unknown[][]): unknown[][] {
  const isTime = (value: unknown) =>
    value instanceof Date || typeof value === "object" && value !== null && "micros" in value;
  if (!values.some((row) => row.some(isTime))) return values;
  const words = own();
  return values.map((row, at) =>
    row.map((value, column) => isTime(value) ? String(words[at]![column]) : value)
  );
}

function loadApi(): Api {
  const folder = join(cacheRoot(), "native");
  try {
    return createRequire(join(folder, "package.json"))("@duckdb/node-api");
  } catch (error) {
    throw new LabError(
      `Cannot use the native engine: ${(error as Error).message.split("\n")[0]}`,
      "`./lab report` and `./lab query` fetch it when they are given --engine native",
    );
  }
}

async function append(
  api: Api,
  connection: Connection,
  table: string,
  rows: readonly Row[],
  query: Engine["query"],
): Promise<void> {
  const columns = await columnsOfTable(query, table);
  checkNames(columns, rows, table);
  const appender = await connection.createAppender(table);
  const types = columns.map((_, index) => appender.columnType(index));
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const part = rows.slice(from, from + CHUNK_ROWS);
    const chunk = api.DuckDBDataChunk.create(types, part.length);
    columns.forEach(({ name, type }, index) => {
      const whole = type === "BIGINT";
      chunk.setColumnValues(
        index,
        part.map((row) => {
          const cell = row[name] ?? null;
          return whole && cell !== null ? BigInt(cell) : cell;
        }),
      );
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function appendColumns(
  api: Api,
  connection: Connection,
  table: string,
  { rows, columns }: ColumnBatch,
): Promise<void> {
  const appender = await connection.createAppender(table);
  const parts = Object.values(columns);
  const types = parts.map((_, index) => appender.columnType(index));
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const to = Math.min(rows, from + CHUNK_ROWS);
    const chunk = api.DuckDBDataChunk.create(types, to - from);
    parts.forEach((column, index) => {
      const values = column.values.subarray(from, to);
      const cells = column.type === "word"
        ? Array.from(values as Uint8Array, (word) => column.words[word])
        : Array.from<unknown>(values);
      chunk.setColumnValues(index, cells);
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
