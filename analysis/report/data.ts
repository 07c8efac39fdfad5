// SPDX-License-Identifier: Apache-2.0
import { encodeBase64 } from "@std/encoding/base64";
import { gzipSync } from "node:zlib";
import type { ChartSpec } from "../figures/spec.ts";
import type { Value } from "../engine/result.ts";
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
}

/** The data of a report as gzipped JSON in base64: they hold the same few words again and again. */
export function packData({ run, answers, drawings }: Material): string {
  const tables = Object.entries(answers).map(([name, { columns, rows }]) => {
    const data = columns.map((column) => rows.map((row) => row[column] ?? null));
    return [name, { columns, data }] as const;
  });
  const charts = Object.entries(drawings).map(([name, { spec: { datasets: _, ...spec } }]) =>
    [name, spec] as const
  );
  const packed: PackedData = {
    run: run.run,
    tables: Object.fromEntries(tables),
    charts: Object.fromEntries(charts),
  };
  return packText(JSON.stringify(packed));
}

/** Text as gzip in base64, which a page holds between tags. */
export function packText(text: string): string {
  return encodeBase64(gzipSync(text, { level: 9 }));
}
