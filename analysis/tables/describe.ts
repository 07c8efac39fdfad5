// SPDX-License-Identifier: Apache-2.0
import { openEngine } from "../engine/open.ts";
import { readSchema, type Schema } from "./schema.ts";

/** A table or a view as it can be asked. */
export interface DescribedTable {
  /** Its name. */
  name: string;
  /** What it holds: the comment before it, on one line. */
  says: string;
  /** Made of other tables. */
  view: boolean;
  /** In their order, each with DuckDB's type, and its meaning and unit. */
  columns: { name: string; type: string; comment: string }[];
}

/** All tables and views of a run, as DuckDB itself describes them, by name. */
export async function describeTables(): Promise<DescribedTable[]> {
  const schema = await readSchema();
  const engine = await openEngine();
  try {
    await engine.query(schema.sql);
    const { rows } = await engine.query(
      `SELECT table_name, column_name, data_type, comment,
         table_name IN (SELECT view_name FROM duckdb_views()) AS view
       FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index`,
    );
    const tables = Map.groupBy(rows, ({ table_name }) => String(table_name));
    return [...tables].map(([name, columns]) => ({
      name,
      says: saidBefore(schema, name),
      view: columns[0]?.view === true,
      columns: columns.map(({ column_name, data_type, comment }) => ({
        name: String(column_name),
        type: String(data_type).startsWith("ENUM") ? "ENUM" : String(data_type),
        comment: comment === null ? "" : String(comment),
      })),
    }));
  } finally {
    engine.close();
  }
}

/** The comment lines right before a table is made. */
function saidBefore({ sql }: Schema, name: string): string {
  const lines = sql.split("\n");
  const at = lines.findIndex((line) => new RegExp(`^CREATE (TABLE|VIEW) ${name}\\b`).test(line));
  let first = at;
  while (first > 0 && lines[first - 1]!.startsWith("--")) first--;
  return lines.slice(first, at).map((line) => line.slice(2).trim()).join(" ");
}
