/** schema.sql: the tables, and what each column means, which stands there and nowhere else. */

/** A column as schema.sql describes it. */
export interface SchemaColumn {
  table: string;
  name: string;
  /** DuckDB's name of its type. */
  type: string;
  /** Meaning and unit: the comment beside the column. */
  comment: string;
}

/** The statements that create the tables. */
export interface Schema {
  sql: string;
  columns: SchemaColumn[];
}

const TABLE = /^CREATE TABLE (\w+) \($/;
const COLUMN = /^ {2}(\w+) (\w+),? *(?:-- (.*))?$/;

/** Reads schema.sql. */
export async function readSchema(): Promise<Schema> {
  const text = await Deno.readTextFile(new URL("schema.sql", import.meta.url));
  const columns = columnsOf(text);
  return { sql: [text, ...columns.map(commentStatement)].join("\n"), columns };
}

/**
 * The columns of each table with the comments beside them.
 *
 * @throws {Error} If a column has none: then schema.sql is not finished.
 */
export function columnsOf(schema: string): SchemaColumn[] {
  const columns: SchemaColumn[] = [];
  let table: string | undefined;
  for (const line of schema.split("\n")) {
    table = TABLE.exec(line)?.[1] ?? (line === ");" ? undefined : table);
    const [, name, type, comment] = (table !== undefined && COLUMN.exec(line)) || [];
    if (table === undefined || name === undefined || type === undefined) continue;
    if (comment === undefined) throw new Error(`schema.sql: ${table}.${name} has no comment`);
    columns.push({ table, name, type, comment });
  }
  return columns;
}

/** With it `SELECT comment FROM duckdb_columns()` and exported files say what a column means. */
function commentStatement({ table, name, comment }: SchemaColumn): string {
  return `COMMENT ON COLUMN ${table}."${name}" IS '${comment.replaceAll("'", "''")}';`;
}
