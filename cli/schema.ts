// SPDX-License-Identifier: Apache-2.0
import { type DescribedTable, describeTables } from "../analysis/mod.ts";
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";

export interface SchemaRequest {
  /** All tables if there is none. */
  table: string | undefined;
  json: boolean;
}

/** `lab schema [TABLE]`: what can stand in a query. */
export async function schema({ table, json }: SchemaRequest): Promise<number> {
  const all = await describeTables();
  const shown = table === undefined ? all : [tableIn(all, table)];
  if (json) console.log(JSON.stringify(shown));
  else if (table === undefined) { for (const line of overview(all)) console.log(line); }
  else for (const line of columnsOf(shown[0]!)) console.log(line);
  return 0;
}

function tableIn(all: readonly DescribedTable[], name: string): DescribedTable {
  const found = all.find((one) => one.name === name.toLowerCase());
  if (found !== undefined) return found;
  const withColumn = all.filter(({ columns }) => columns.some((column) => column.name === name));
  const near = nearestWord(name, all.map((one) => one.name));
  throw new LabError(
    `Cannot describe "${name}": there is no such table`,
    withColumn.length > 0
      ? `It is a column of ${withColumn.map((one) => one.name).join(", ")}`
      : near === undefined
      ? "./lab schema lists them all"
      : `Did you mean "${near}"?`,
  );
}

function overview(all: readonly DescribedTable[]): string[] {
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map(({ name, says, columns }) => {
    const names = columns.map((column) => column.name).join(", ");
    const [sentence = ""] = says.split(/(?<=\.) /);
    return `${name.padEnd(width)}  ${sentence === "" ? names : sentence}`;
  });
}

function columnsOf({ name, says, view, columns }: DescribedTable): string[] {
  const widths = [
    Math.max(...columns.map((column) => column.name.length)),
    Math.max(...columns.map(({ type }) => type.length)),
  ];
  return [
    `${name}${view ? ", made of other tables" : ""}${says === "" ? "" : `: ${says}`}`,
    ...columns.map((column) =>
      `  ${column.name.padEnd(widths[0]!)}  ${column.type.padEnd(widths[1]!)}  ${column.comment}`
        .trimEnd()
    ),
  ];
}
