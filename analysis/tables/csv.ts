// SPDX-License-Identifier: Apache-2.0
import type { Result, Value } from "../engine/result.ts";

/** An answer as CSV (RFC 4180, a header line, lines ended by LF). NULL is an empty field. */
export function toCsv({ columns, rows }: Result): string {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? null))];
  return lines.map((cells) => cells.map(field).join(",") + "\n").join("");
}

function field(value: Value): string {
  if (value === null) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
