// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />

/** A table by column, and everything else that the page carries: see report/data.ts. */
export interface PackedTable {
  columns: string[];
  data: unknown[][];
}

export interface PackedData {
  run: string;
  tables: Record<string, PackedTable>;
  charts: Record<string, Record<string, unknown>>;
  drawn: Record<string, Record<string, PackedTable>>;
}

export type Row = Record<string, unknown>;

/** Text that an element of the page holds gzipped, in base64. */
export async function unpack(element: Element | null): Promise<string> {
  const packed = atob((element?.textContent ?? "").trim());
  /* Uint8Array.from() with a function takes ten times as long, of a megabyte a good part of opening the page. */
  const bytes = new Uint8Array(packed.length);
  for (let at = 0; at < packed.length; at++) bytes[at] = packed.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

/** Reads the data that the page carries. */
export async function unpackData(): Promise<PackedData> {
  return JSON.parse(await unpack(document.getElementById("data")));
}

/** The rows of a table as objects. */
export function rowsOf({ columns, data }: PackedTable): Row[] {
  const length = data[0]?.length ?? 0;
  return Array.from({ length }, (_, at) => {
    return Object.fromEntries(columns.map((name, column) => [name, data[column]?.[at]]));
  });
}

/** A value as a table's cell has it: numbers to six digits, a dash for nothing. */
export function shownAs(value: unknown): string {
  if (value === null || value === undefined) return "\u2013";
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
