// SPDX-License-Identifier: Apache-2.0
import { cell } from "../report/table.ts";
import type { Result } from "../engine/result.ts";
import { escapeLatex } from "./escape.ts";

/** Longer answers are no tables for paper; their CSV is there. */
const MOST_ROWS = 60;

/** Names of trials are long and follow from the columns beside them. */
const LEFT_OUT = new Set(["trial", "checksums"]);

/**
 * An answer as a `tabular` for the package booktabs, numbers to the right.
 *
 * @returns null if it has no rows, or too many for paper
 */
export function booktabs({ columns, rows }: Result): string | null {
  if (rows.length === 0 || rows.length > MOST_ROWS) return null;
  const shown = columns.filter((name) =>
    !LEFT_OUT.has(name) && rows.some((row) => row[name] !== null && row[name] !== "")
  );
  const align = shown.map((name) => rows.some((row) => typeof row[name] === "number") ? "r" : "l");
  return tabular(
    align.join(""),
    shown.map((name) => name.replaceAll("_", " ")),
    rows.map((row) => shown.map((name) => cell(row[name] ?? null, name))),
  );
}

/** A table of texts; all of them are escaped. */
export function tabular(align: string, heads: string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `${cells.map(escapeLatex).join(" & ")} \\\\\n`;
  return `\\begin{tabular}{${align}}\n\\toprule\n${line(heads)}\\midrule\n${
    rows.map(line).join("")
  }\\bottomrule\n\\end{tabular}\n`;
}
