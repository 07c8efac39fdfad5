// SPDX-License-Identifier: Apache-2.0
import { ByteWriter, parquetWriteBuffer, parquetWriteRows } from "hyparquet-writer";
import type { DecodedArray } from "hyparquet";
import { join } from "@std/path";
import { writeAtomically } from "../../base/files.ts";
import type { Database } from "./database.ts";
import type { Value } from "../engine/result.ts";
import type { ColumnBatch } from "../engine/columns.ts";

/** Rows that are read from the database and written to the file at a time. */
const GROUP_ROWS = 100_000;

/** DuckDB's types as the schema uses them, and Parquet's. Enums and the like travel as text. */
const PARQUET_TYPES = {
  BIGINT: "INT64",
  UINTEGER: "INT64",
  USMALLINT: "INT32",
  UTINYINT: "INT32",
  DOUBLE: "DOUBLE",
  BOOLEAN: "BOOLEAN",
} as const;
type ParquetType = (typeof PARQUET_TYPES)[keyof typeof PARQUET_TYPES] | "STRING";

interface Column {
  name: string;
  type: ParquetType;
}

/**
 * Writes every table of a run as `TABLE.parquet` into a folder, for people with other tools: columns
 * in the order of the schema, 64-bit integers, doubles, booleans and UTF-8 text, all of them
 * nullable, compressed with Snappy. What a column means and its unit stand in the file's metadata
 * under the key `COLUMN`. The same tables give the same bytes.
 *
 * @returns the names of the files
 */
export async function writeParquet(database: Database, folder: string): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const { rows } = await database.query(
    "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND NOT internal ORDER BY table_name",
  );
  const tables = rows.map(({ table_name }) => String(table_name));
  for (const table of tables) {
    await writeAtomically(join(folder, `${table}.parquet`), await parquetOf(database, table));
  }
  return tables.map((table) => `${table}.parquet`);
}

/** The bytes of one table's file. */
async function parquetOf(database: Database, table: string): Promise<Uint8Array> {
  const { rows: described } = await database.query(
    `SELECT column_name, data_type, comment FROM duckdb_columns()
     WHERE table_name = '${table}' AND NOT internal ORDER BY column_index`,
  );
  const columns = described.map(({ column_name, data_type }): Column => {
    const type = PARQUET_TYPES[data_type as keyof typeof PARQUET_TYPES] ?? "STRING";
    return { name: String(column_name), type };
  });
  const kvMetadata = described.flatMap(({ column_name, comment }) =>
    comment === null ? [] : [{ key: String(column_name), value: String(comment) }]
  );
  const { rows: [first] } = await database.query(`SELECT count(*) AS n FROM ${table}`);
  const options = { kvMetadata, createdBy: "samepage-lab" };
  if (Number(first?.n) === 0) {
    const columnData = columns.map((column) => ({ ...column, data: [] }));
    return new Uint8Array(parquetWriteBuffer({ columnData, ...options }));
  }
  const traces = database.traces[table];
  if (traces !== undefined) {
    const columnData = columns.map((column) => ({ ...column, data: traceColumn(traces, column) }));
    const rowGroupSize = GROUP_ROWS;
    return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize, ...options }));
  }
  const writer = new ByteWriter();
  const rows = rowsOf(database, table, columns, Number(first?.n));
  await parquetWriteRows({ writer, columns, rows, rowGroupSize: GROUP_ROWS, ...options });
  return writer.getBytes();
}

/** A column of the raw trace as it was loaded: millions of rows are too many to make objects of. */
function traceColumn(batches: readonly ColumnBatch[], { name, type }: Column): DecodedArray {
  const parts = batches.map(({ columns }) => columns[name]!);
  const count = parts.reduce((sum, { values }) => sum + values.length, 0);
  const all: { [at: number]: number | bigint | string } = type === "INT64"
    ? new BigInt64Array(count)
    : type === "INT32"
    ? new Int32Array(count)
    : new Array<string>(count);
  let at = 0;
  for (const part of parts) {
    for (const value of part.values) {
      all[at++] = part.type === "word"
        ? part.words[Number(value)]!
        : type === "INT64"
        ? BigInt(value)
        : value;
    }
  }
  return all as DecodedArray;
}

/** Rows in the order they were inserted, some at a time: a table of raw events can be long. */
async function* rowsOf(
  database: Database,
  table: string,
  columns: readonly Column[],
  count: number,
): AsyncGenerator<Record<string, unknown>> {
  for (let from = 0; from < count; from += GROUP_ROWS) {
    const { rows } = await database.query(
      `SELECT * FROM ${table} WHERE rowid BETWEEN ${from} AND ${
        from + GROUP_ROWS - 1
      } ORDER BY rowid`,
    );
    for (const row of rows) {
      yield Object.fromEntries(columns.map(({ name, type }) => [name, cell(row[name], type)]));
    }
  }
}

function cell(value: Value | undefined, type: ParquetType): unknown {
  if (value === null || value === undefined) return null;
  return type === "INT64" ? BigInt(value as string | number) : value;
}
