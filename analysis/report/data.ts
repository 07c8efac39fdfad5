// SPDX-License-Identifier: Apache-2.0
import { encodeBase64 } from "@std/encoding/base64";
import { gzipSync } from "node:zlib";
import type { ChartSpec } from "../figures/spec.ts";
import type { Answer, Result, Value } from "../engine/result.ts";
import type { Material } from "./material.ts";

/** A table by column: names are said once. */
export interface PackedTable {
  columns: string[];
  /** One list of values a column. */
  data: Value[][];
}

/** What the page's own script works on. */
export interface PackedData {
  /** Name of the run, for names of files that are downloaded. */
  run: string;
  /** Answers by name of question. */
  tables: Record<string, PackedTable>;
  /** Charts by name; their data are named after tables. */
  charts: Record<string, ChartSpec>;
  /** Data of charts whose rows are not those of the tables, by name of chart and of table. */
  drawn: Record<string, Record<string, PackedTable>>;
}

/** Cells of all tables that a page has room for; the long ones are in files beside it. */
const MOST_CELLS = 400_000;
/** A table with more is never in the page. */
const MOST_CELLS_OF_TABLE = 60_000;

/** The data of a report as gzipped JSON in base64: they hold the same few words again and again. */
export function packData({ run, answers, drawings }: Material): string {
  const inside = insidePage(answers);
  const packed: PackedData = {
    run: run.run,
    tables: Object.fromEntries(
      Object.entries(inside).map(([name, answer]) => [name, packTable(answer)]),
    ),
    ...{ charts: {}, drawn: {} },
  };
  for (const [name, { spec: { datasets, ...spec }, fewer }] of Object.entries(drawings)) {
    const tables = Object.entries(datasets as Record<string, Answer[]>);
    if (fewer) {
      packed.drawn[name] = Object.fromEntries(tables.map(([table, rows]) => {
        return [table, packTable({ columns: Object.keys(rows[0] ?? {}), rows })];
      }));
    }
    /* A chart whose rows are not in the page stays as it was drawn. */
    if (fewer || tables.every(([table]) => table in inside)) packed.charts[name] = spec;
  }
  return packText(JSON.stringify(packed));
}

/** Answers that the page itself holds: the shorter ones, as far as there is room. */
export function insidePage(answers: Material["answers"]): Record<string, Result> {
  const cells = ({ columns, rows }: Result) => columns.length * rows.length;
  let room = MOST_CELLS;
  const kept = Object.entries(answers).sort(([, a], [, b]) => cells(a) - cells(b))
    .filter(([, answer]) => {
      room -= cells(answer);
      return room >= 0 && cells(answer) <= MOST_CELLS_OF_TABLE;
    });
  return Object.fromEntries(kept);
}

function packTable({ columns, rows }: Result): PackedTable {
  return { columns, data: columns.map((column) => rows.map((row) => row[column] ?? null)) };
}

/** Text as gzip in base64, which a page holds between tags. */
export function packText(text: string): string {
  return encodeBase64(gzipSync(text, { level: 9 }));
}
