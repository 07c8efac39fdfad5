// SPDX-License-Identifier: Apache-2.0
import { DataType, type Table, type Vector } from "apache-arrow";
import { dateText, intervalText, timestampText, timeText } from "./times.ts";

/** A value of an answer. BIGINT is a number when that is exact and its decimal text otherwise. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
/** A row of an answer by column name. */
export type Answer = Record<string, Value>;
/** The answer to a query: names in order, and the rows. A name that occurs twice gets `_2`. */
export interface Result {
  /** Names of the columns in their order. */
  columns: string[];
  /** The rows; each has all columns. */
  rows: Answer[];
}

/** Turns an Arrow table into plain values that JSON can carry. */
export function resultOf(table: Table): Result {
  const columns = distinct(table.schema.fields.map((field) => field.name));
  const rows: Answer[] = Array.from({ length: table.numRows }, () => ({}));
  columns.forEach((name, index) => {
    const vector = table.getChildAt(index);
    if (vector === null) return;
    const once = sharedTexts();
    rows.forEach((row, at) => row[name] = once(plain(vector.get(at), vector.type)));
  });
  return { columns, rows };
}

/** Texts of a column that are kept to be found again: names of trials are the most, a hundred thousand. */
const MOST_SHARED = 200_000;

/** Gives a text that has occurred before as the one that is there: a long answer has few, again and again. */
function sharedTexts(): (value: Value) => Value {
  const seen = new Map<string, string>();
  return (value) => {
    if (typeof value !== "string") return value;
    const known = seen.get(value);
    if (known !== undefined) return known;
    if (seen.size < MOST_SHARED) seen.set(value, value);
    return value;
  };
}

/** The same for rows of JavaScript's own values, with names that may occur twice. */
export function resultOfRows(names: string[], values: readonly (readonly unknown[])[]): Result {
  const columns = distinct(names);
  const rows = values.map((row) =>
    Object.fromEntries(columns.map((name, index) => [name, plainValue(row[index])]))
  );
  return { columns, rows };
}

function plainValue(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return safe(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(plainValue);
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainValue(each)]));
  }
  return String(value);
}

function distinct(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}

function plain(value: unknown, type: DataType): Value {
  if (value === null || value === undefined) return null;
  if (DataType.isDecimal(type)) return decimal(value as Uint32Array, type.scale);
  if (DataType.isDate(type)) return dateText(Number(value));
  if (DataType.isTimestamp(type)) {
    return timestampText(Number(value), typeof type.timezone === "string");
  }
  if (DataType.isTime(type)) return timeText(Number(value) * 10 ** (6 - 3 * type.unit));
  if (DataType.isInterval(type)) return interval(value as Int32Array);
  if (typeof value === "bigint") return safe(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (DataType.isList(type)) {
    return [...value as Vector].map((item) => plain(item, type.valueType));
  }
  if (DataType.isStruct(type)) {
    const fields = value as Record<string, unknown>;
    return Object.fromEntries(type.children.map((f) => [f.name, plain(fields[f.name], f.type)]));
  }
  return String(value);
}

/** Sums of BIGINT come as DECIMAL(38, 0): 128 bits in words of 32, the lowest first, signed. */
function decimal(words: Uint32Array, scale: number): Value {
  const unsigned = [...words].reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const value = BigInt.asIntN(words.length * 32, unsigned);
  return scale === 0 ? safe(value) : Number(value) / 10 ** scale;
}

/** DuckDB's intervals come as months, days and nanoseconds in 64 bits, the lower half first. */
function interval([months = 0, days = 0, low = 0, high = 0]: Int32Array): string {
  return intervalText(months, days, (high * 2 ** 32 + (low >>> 0)) / 1000);
}

function safe(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
