// SPDX-License-Identifier: Apache-2.0
/** The tables of a run, put together from where they are declared. */
import { kinds } from "../../contract/kinds.ts";
import { type Column, createStatement, tablesOfKinds } from "../../contract/tables.ts";
import { bitMacros } from "./bits.ts";
import { trialsStatement } from "./trials.ts";

/** A column of a table, with its meaning and unit. */
export interface SchemaColumn extends Column {
  table: string;
}

/** The statements that create the tables. */
export interface Schema {
  sql: string;
  columns: SchemaColumn[];
}

const TABLE = /^CREATE TABLE (\w+) \($/;
const COLUMN = /^ {2}(\w+) (\w+),? *(?:-- (.*))?$/;

/** Puts the schema together: types, trials, the records' tables, then all that is made of them. */
export async function readSchema(): Promise<Schema> {
  const text = [
    await read("types.sql"),
    trialsStatement(),
    ...tablesOfKinds(kinds).map((table) => `-- ${table.says}\n${createStatement(table)}`),
    bitMacros(),
    await read("schema.sql"),
  ].join("\n");
  const columns = columnsOf(text);
  return { sql: [text, ...columns.map(commentStatement)].join("\n"), columns };
}

function read(name: string): Promise<string> {
  return Deno.readTextFile(new URL(name, import.meta.url));
}

/**
 * The columns of each table with the comments beside them.
 *
 * @throws {Error} If a column has none: then the schema is not finished.
 */
export function columnsOf(schema: string): SchemaColumn[] {
  const columns: SchemaColumn[] = [];
  let table: string | undefined;
  for (const line of schema.split("\n")) {
    table = TABLE.exec(line)?.[1] ?? (line === ");" ? undefined : table);
    const [, name, type, comment] = (table !== undefined && COLUMN.exec(line)) || [];
    if (table === undefined || name === undefined || type === undefined) continue;
    if (comment === undefined) throw new Error(`The column ${table}.${name} has no comment`);
    columns.push({ table, name, type, comment });
  }
  return columns;
}

/** With it `SELECT comment FROM duckdb_columns()` and exported files say what a column means. */
function commentStatement({ table, name, comment }: SchemaColumn): string {
  return `COMMENT ON COLUMN ${table}."${name}" IS '${comment.replaceAll("'", "''")}';`;
}
