// SPDX-License-Identifier: Apache-2.0
/** An answer as text: for people, for documents, for scripts. */
import Table from "cli-table3";
import { harmless } from "../engine/harmless.ts";
import type { Result, Value } from "../engine/result.ts";

/** How a table for people is made. */
export interface TableOptions {
  /** Characters of a line; any number if not given. */
  width?: number | undefined;
  /** All digits of all numbers, and all of every text. */
  full?: boolean;
}

/** No text column is made narrower than this, characters. */
const LEAST_WIDTH = 8;

/** What the table itself takes beside each column, and once, characters. */
const PER_COLUMN = 3;

const NUMBERS = { right: "right", left: "left" } as const;

/** An answer for people: a table with the names on top, numbers rounded and on the right. */
export function formatTable(result: Result, { width, full = false }: TableOptions = {}): string {
  const { columns, rows } = result;
  const count = `${rows.length} row${rows.length === 1 ? "" : "s"}`;
  if (columns.length === 0) return count;
  const shown = columns.map((name) => shownColumn(rows.map((row) => row[name] ?? null), full));
  const numeric = shown.map(({ numeric }) => numeric);
  const wide = shown.map(({ cells }, at) => widest([columns[at]!, ...cells]));
  const fitted = width === undefined || full ? wide : fit(wide, numeric, width);
  const cut = (text: string, at: number) =>
    text.length > fitted[at]! ? `${text.slice(0, fitted[at]! - 1)}\u2026` : text;
  const table = new Table({
    head: columns.map(harmless).map(cut),
    colAligns: numeric.map((is) => is ? NUMBERS.right : NUMBERS.left),
    style: { head: [], border: [], compact: true },
  });
  rows.forEach((_, row) => table.push(shown.map(({ cells }, at) => cut(cells[row]!, at))));
  const less = shown.some(({ rounded }) => rounded) || fitted.some((one, at) => one < wide[at]!);
  return `${table.toString()}\n${count}${less ? "; --full shows all digits and all text" : ""}`;
}

/** An answer for a document: a table in Markdown with all digits. */
export function formatMarkdown({ columns, rows }: Result): string {
  const numeric = columns.map((name) => isNumeric(rows.map((row) => row[name] ?? null)));
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\r?\n/g, " ");
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [
    line(columns.map(harmless)),
    `|${numeric.map((is) => is ? "---:" : "---").join("|")}|`,
    ...rows.map((row) => line(columns.map((name) => plain(row[name] ?? null)))),
  ].join("\n");
}

/** An answer for scripts: one JSON object `{ columns, rows }`, the rows as objects by column. */
export function formatJson({ columns, rows }: Result): string {
  return JSON.stringify({ columns, rows });
}

interface ShownColumn {
  cells: string[];
  numeric: boolean;
  /** Some digits are left out. */
  rounded: boolean;
}

function shownColumn(values: readonly Value[], full: boolean): ShownColumn {
  const numeric = isNumeric(values);
  const whole = values.map(plain);
  if (!numeric || full) return { cells: whole, numeric, rounded: false };
  const decimals = decimalsFor(values);
  const cells = values.map((value) => {
    return typeof value === "number" ? rounded(value, decimals) : plain(value);
  });
  const lost = (cell: string, at: number) => cell !== whole[at] && Number(cell) !== values[at];
  return { cells, numeric, rounded: cells.some(lost) };
}

/** A number in words of so many decimals; one that would seem to be none keeps its first digits. */
function rounded(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 && value !== 0 ? String(Number(value.toPrecision(3))) : text;
}

/** Digits behind the point that even the least of a column's numbers is told by. */
const MOST_DECIMALS = 6;
const LEAST_DIGITS = 3;

/** The same for a whole column, so that its points stand below each other; 0 for whole numbers. */
function decimalsFor(values: readonly Value[]): number {
  const numbers = values.filter((value) => typeof value === "number" && value !== 0) as number[];
  if (numbers.every(Number.isInteger)) return 0;
  const needed = numbers.map((value) => LEAST_DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))));
  return Math.min(MOST_DECIMALS, Math.max(0, ...needed));
}

/** Whole numbers beyond 2^53 come as text. */
function isNumeric(values: readonly Value[]): boolean {
  const some = values.filter((value) => value !== null);
  return some.length > 0 &&
    some.every((value) =>
      typeof value === "number" || typeof value === "string" && /^-?\d{16,}$/.test(value)
    );
}

function plain(value: Value): string {
  if (value === null) return "";
  return harmless(typeof value === "object" ? JSON.stringify(value) : String(value));
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.flatMap((text) => text.split("\n").map((line) => line.length)));
}

/** Takes from the widest columns of text until all fit, or none can give any more. */
function fit(wide: readonly number[], numeric: readonly boolean[], width: number): number[] {
  const fitted = [...wide];
  let over = wide.reduce((sum, one) => sum + one + PER_COLUMN, 1) - width;
  while (over > 0) {
    const most = Math.max(...fitted.filter((_, at) => !numeric[at]));
    const at = fitted.findIndex((one, at) => one === most && !numeric[at]);
    if (at < 0 || most <= LEAST_WIDTH) break;
    fitted[at] = most - 1;
    over--;
  }
  return fitted;
}
