// SPDX-License-Identifier: Apache-2.0
import { harmlessCell } from "../engine/harmless.ts";
import type { Result, Value } from "../engine/result.ts";

/** An answer as CSV (RFC 4180, a header line, lines ended by LF). NULL is an empty field.
 * Texts that a spreadsheet would take for a formula have an apostrophe in front. */
export function toCsv({ columns, rows }: Result): string {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name] ?? null))];
  return lines.map((cells) => cells.map(field).join(",") + "\n").join("");
}

function field(value: Value): string {
  if (value === null) return "";
  const text = typeof value === "string"
    ? harmlessCell(value)
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
