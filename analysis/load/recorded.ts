// SPDX-License-Identifier: Apache-2.0
/** Records that are rows as they came. */
import { type Cell, type Declaration, type Field, head } from "../../contract/declaration.ts";
import type { Line } from "../../contract/records.ts";
import type { Row } from "../engine/arrow.ts";
import type { Tables } from "./facts.ts";

/** Rows of a kind, and those of its histogram if it has one. */
export function recordedRows(
  kind: string,
  lines: readonly Line[],
  declaration: Declaration,
  trial: string,
): Tables {
  const { table } = declaration;
  if (table.form !== "as recorded") return {};
  const { columns, histogram } = table;
  const own = lines.map((line): Row => ({ trial, ...cellsOf(line, declaration, columns) }));
  if (histogram === undefined) return { [kind]: own };
  const { field, keys } = histogram;
  const bins = lines.flatMap((line) => {
    const row = { trial, ...cellsOf(line, declaration, ["phase", ...keys]) };
    return (line[field] as number[] | null ?? []).flatMap((pages, bin) =>
      pages === 0 ? [] : [{ ...row, bin, low_ticks: 2 ** bin, pages }]
    );
  });
  return { [kind]: own, [histogram.table]: bins };
}

/** What the columns of these names hold of a record. */
export function cellsOf(
  line: Line,
  { fields }: Declaration,
  names: readonly string[],
): Record<string, Cell> {
  return Object.fromEntries(names.map((name) => {
    const field: Field | undefined = fields[name] ?? (head as Record<string, Field>)[name];
    const value = line[name];
    return [name, field?.cell === undefined ? value as Cell ?? null : field.cell(value)];
  }));
}
