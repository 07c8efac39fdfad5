// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import type { Result, Value } from "../../engine/result.ts";
import { shownAs } from "../../report/client/data.ts";
import { button, csvOf, download } from "../../report/client/download.ts";
import { made } from "./page.ts";

/** More rows than these are not put into the page; all are sorted and downloaded. */
const MOST_SHOWN = 1000;

/** An answer as a table whose columns sort it, with a button for the file. */
export function answerTable({ columns, rows }: Result): HTMLElement {
  const whole = made("div");
  const table = made("table");
  const caption = made("p", "", "quiet");
  const scroll = made("div", "", "scroll");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Answer as a table");
  const tools = made("div", "", "tools");
  tools.append(button("CSV", "Answer as CSV", () => {
    const lines = rows.map((row) => columns.map((name) => row[name]));
    download("answer.csv", csvOf([columns, ...lines]), "text/csv");
  }));
  tools.append(button("Parquet", "Answer as Parquet", async () => {
    /* Few want it: it is fetched when it is asked for. */
    const { resultParquet } = await import("../../tables/result_parquet.ts");
    download("answer.parquet", new Blob([resultParquet({ columns, rows })]));
  }));
  const kinds = columns.map((name) =>
    rows.some((row) => typeof row[name] === "number") ? "number" : "text"
  );
  let shown = rows;
  const fill = () => {
    table.tBodies[0]?.remove();
    const body = table.createTBody();
    for (const row of shown.slice(0, MOST_SHOWN)) {
      const line = body.insertRow();
      columns.forEach((name, at) => {
        const cell = line.insertCell();
        cell.className = kinds[at]!;
        cell.textContent = shownAs(row[name]);
      });
    }
  };
  const head = table.createTHead().insertRow();
  columns.forEach((name, at) => {
    const cell = made("th", "", kinds[at]);
    cell.scope = "col";
    const sort = button(name, name, () => {
      const upward = cell.getAttribute("aria-sort") !== "ascending";
      for (const other of head.cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", upward ? "ascending" : "descending");
      shown = rows.toSorted((a, b) => (upward ? 1 : -1) * compare(a[name], b[name]));
      fill();
    });
    sort.className = "sort";
    cell.append(sort);
    head.append(cell);
  });
  fill();
  if (rows.length > MOST_SHOWN) {
    caption.textContent = `The first ${MOST_SHOWN} rows; the file has all ${rows.length}.`;
  }
  scroll.append(table);
  whole.append(tools, caption, scroll);
  return whole;
}

/** Nothing is the least; numbers go by size, everything else as people order words. */
function compare(a: Value | undefined, b: Value | undefined): number {
  if (a === null || a === undefined || b === null || b === undefined) {
    return Number(b === null || b === undefined) - Number(a === null || a === undefined);
  }
  if (typeof a === "number" && typeof b === "number") return a - b;
  return shownAs(a).localeCompare(shownAs(b), "en", { numeric: true });
}
