// SPDX-License-Identifier: Apache-2.0
import {
  Bool,
  type DataType,
  Dictionary,
  Float64,
  Int64,
  makeVector,
  Table,
  tableToIPC,
  Uint8,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import type { Column, Row } from "./engine.ts";
import type { ColumnBatch, ColumnData } from "./columns.ts";

export type { Cell, Row } from "./engine.ts";

/**
 * Packs rows into an Arrow IPC stream, the columns in the order given.
 *
 * Bytes rather than Arrow objects, because duckdb-wasm carries another version of Arrow.
 *
 * @param table name of the table, for the message
 * @throws {Error} If a row names a column that is not there: the schema and the loader disagree.
 */
export function arrowBytes(
  columns: readonly Column[],
  rows: readonly Row[],
  table: string,
): Uint8Array {
  checkNames(columns, rows, table);
  const vectors = columns.map(({ name, type }) => [name, vectorOf(type, name, rows)] as const);
  return tableToIPC(new Table(Object.fromEntries(vectors)), "stream");
}

/** Rows of one Arrow stream: what is on its way into the engine is there twice. */
const STREAM_ROWS = 1_000_000;

/** Packs columns of numbers and words into Arrow IPC streams, some rows each. */
export function* arrowBatches({ rows, columns }: ColumnBatch): Generator<Uint8Array> {
  for (let from = 0; from < rows; from += STREAM_ROWS) {
    const to = Math.min(rows, from + STREAM_ROWS);
    const vectors = Object.entries(columns).map(([name, column]) =>
      [name, columnVector(column, from, to)] as const
    );
    yield tableToIPC(new Table(Object.fromEntries(vectors)), "stream");
  }
}

function columnVector(column: ColumnData, from: number, to: number): Vector<DataType> {
  if (column.type !== "word") return makeVector(column.values.slice(from, to));
  return makeVector({
    type: new Dictionary(new Utf8(), new Uint8()),
    data: column.values.slice(from, to),
    dictionary: vectorFromArray([...column.words], new Utf8()),
  });
}

/** @throws {Error} If a row names a column that is not there. */
export function checkNames(columns: readonly Column[], rows: readonly Row[], table: string): void {
  const known = new Set(columns.map((column) => column.name));
  for (const row of rows) {
    for (const name in row) {
      if (!known.has(name)) {
        throw new Error(`Table "${table}" of schema.sql has no column "${name}"`);
      }
    }
  }
}

function vectorOf(type: string, name: string, rows: readonly Row[]): Vector<DataType> {
  const cells = rows.map((row) => row[name] ?? null);
  switch (type) {
    case "BIGINT":
      return vectorFromArray(cells.map((cell) => cell === null ? null : BigInt(cell)), new Int64());
    case "DOUBLE":
      return vectorFromArray(cells, new Float64());
    case "BOOLEAN":
      return vectorFromArray(cells, new Bool());
    default:
      return vectorFromArray(cells, new Utf8());
  }
}
