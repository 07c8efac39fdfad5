// SPDX-License-Identifier: Apache-2.0
import { counted, significant, whole } from "../findings/numbers.ts";
import type { Result, Value } from "../engine/result.ts";
import { type Markup, markup, type Part } from "./markup.ts";

/** A column of a printed table. */
export interface TableColumn {
  heading: Part;
  /** Numbers stand to the right. */
  number?: boolean;
  /** Heading over this column and those after it whose group is "". */
  group?: string;
}

/** Longer answers are left out of the page's text; its script shows them from the page's data. */
const MOST_ROWS = 60;

/**
 * A table; the first cell of each row is its heading.
 *
 * @param workloads of the rows, by which a reader can choose them; "" for a row that is about all
 */
export function table(
  columns: readonly TableColumn[],
  rows: readonly Part[][],
  workloads: readonly string[] = [],
): Markup {
  const align = (index: number) => columns[index]?.number ? "number" : "text";
  const heads = columns.map((column, index) =>
    markup`<th scope="col" class="${align(index)}">${column.heading}</th>`
  );
  const cellOf = (cell: Part, index: number) =>
    index === 0
      ? markup`<th scope="row" class="${align(index)}">${cell}</th>`
      : markup`<td class="${align(index)}">${cell}</td>`;
  return markup`<div class="scroll" tabindex="0"><table>
<thead>${columns.some(({ group }) => group) && groupRow(columns)}<tr>${heads}</tr></thead>
<tbody>
${
    rows.map((cells, at) => markup`<tr${ofWorkload(workloads[at])}>${cells.map(cellOf)}</tr>\n`)
  }</tbody>
</table></div>`;
}

function ofWorkload(workload = ""): Markup | false {
  return workload !== "" && markup` data-workload="${workload}"`;
}

function groupRow(columns: readonly TableColumn[]): Markup {
  const groups: { text: string; span: number }[] = [];
  for (const { group } of columns) {
    const last = groups.at(-1);
    if (group === "" && last !== undefined) last.span++;
    else groups.push({ text: group ?? "", span: 1 });
  }
  const cells = groups.map(({ text, span }) =>
    text === ""
      ? markup`<td></td>`
      : markup`<th scope="colgroup" colspan="${span}" class="group">${text}</th>`
  );
  return markup`<tr>${cells}</tr>`;
}

/**
 * An answer as a table, folded away beneath its question.
 *
 * @param name of the table among the page's data and in tables/
 */
export function answerTable(
  name: string,
  result: Result,
  { question, notes = "" }: { question: string; notes?: string },
): Markup {
  return markup`<details data-table="${name}"><summary>${question} <span class="quiet">(${
    counted(result.rows.length, "row")
  })</span></summary>
${notes !== "" && markup`<p class="quiet">${notes}</p>`}
${
    result.rows.length > MOST_ROWS
      ? markup`<p class="left-out">See <span class="mono">tables/${name}.csv</span>.</p>`
      : wholeAnswer(result)
  }</details>
`;
}

function wholeAnswer(result: Result): Markup {
  const columns = result.columns.map((name) => ({
    heading: name,
    number: result.rows.some((row) => typeof row[name] === "number"),
  }));
  const rows = result.rows.map((row) =>
    result.columns.map((name) => cell(row[name] ?? null, name))
  );
  return table(columns, rows, result.rows.map(({ workload }) => String(workload ?? "")));
}

/** Columns whose numbers are names: of codes, of seeds. */
const NAMES = /(^|_)(code|seed|ordinal)$/;

/** A value as tables show it: numbers with separators of thousands and a true minus. */
export function cell(value: Value, column: string): string {
  if (value === null) return "\u2013";
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return significant(value);
    return NAMES.test(column) ? String(value) : whole(value);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
