// SPDX-License-Identifier: Apache-2.0
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Result, Value } from "../engine/result.ts";

type ColumnType = "INT64" | "DOUBLE" | "BOOLEAN" | "STRING";

/** Whole numbers beyond 2^53 come as text: that far INT64 goes. */
const MOST = 2n ** 63n;

/**
 * An answer as a Parquet file: whole numbers as INT64, others as DOUBLE, true and false as BOOLEAN,
 * everything else as text, lists and structures as JSON; all of them nullable.
 */
export function resultParquet({ columns, rows }: Result): Uint8Array<ArrayBuffer> {
  const columnData = columns.map((name) => {
    const values = rows.map((row) => row[name] ?? null);
    const type = typeOf(values);
    return { name, type, data: values.map((value) => cell(value, type)), nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

function typeOf(values: readonly Value[]): ColumnType {
  const some = values.filter((value) => value !== null);
  if (some.length === 0) return "STRING";
  if (some.every((value) => typeof value === "boolean")) return "BOOLEAN";
  if (some.every(isWhole)) return "INT64";
  return some.every((value) => typeof value === "number") ? "DOUBLE" : "STRING";
}

function isWhole(value: Value): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "string" || !/^-?\d{16,19}$/.test(value)) return false;
  return BigInt(value) < MOST && BigInt(value) >= -MOST;
}

function cell(value: Value, type: ColumnType): unknown {
  if (value === null) return null;
  if (type === "INT64") return BigInt(value as string | number);
  if (type !== "STRING") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
