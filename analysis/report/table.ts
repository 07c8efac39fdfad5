import { significant } from "../numbers.ts";
import type { Result, Value } from "../result.ts";
import { type Markup, markup, type Part } from "./markup.ts";

/** A column of a printed table. */
export interface TableColumn {
  heading: Part;
  /** Numbers stand to the right. */
  number?: boolean;
  /** Heading over this column and those after it whose group is "". */
  group?: string;
}

/** A table; the first cell of each row is its heading. */
export function table(columns: readonly TableColumn[], rows: readonly Part[][]): Markup {
  const align = (index: number) => columns[index]?.number ? "number" : "text";
  const heads = columns.map((column, index) =>
    markup`<th scope="col" class="${align(index)}">${column.heading}</th>`
  );
  const cellOf = (cell: Part, index: number) =>
    index === 0
      ? markup`<th scope="row" class="${align(index)}">${cell}</th>`
      : markup`<td class="${align(index)}">${cell}</td>`;
  return markup`<div class="scroll"><table>
<thead>${columns.some(({ group }) => group) && groupRow(columns)}<tr>${heads}</tr></thead>
<tbody>
${rows.map((cells) => markup`<tr>${cells.map(cellOf)}</tr>\n`)}</tbody>
</table></div>`;
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

/** An answer as a table, folded away when it is long. */
export function answerTable(result: Result, question: string): Markup {
  const columns = result.columns.map((name) => ({
    heading: name,
    number: result.rows.some((row) => typeof row[name] === "number"),
  }));
  const rows = result.rows.map((row) => result.columns.map((name) => cell(row[name] ?? null)));
  return markup`<details><summary>${question} <span class="quiet">(${rows.length} rows)</span></summary>
${table(columns, rows)}</details>`;
}

function cell(value: Value): string {
  if (value === null) return "\u2013";
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : significant(value);
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
