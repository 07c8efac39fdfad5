// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import { type PackedData, type PackedTable, shownAs } from "./data.ts";
import { showOnly } from "./workloads.ts";
import { button, csvOf, download } from "./download.ts";

/** Makes every table sortable and downloadable, and fills in those that were left out for their length. */
export function enhanceTables(data: PackedData): void {
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details[data-table]")) {
    const packed = data.tables[details.dataset.table ?? ""];
    if (packed === undefined || details.querySelector("table") !== null) continue;
    details.addEventListener("toggle", () => fill(details, packed), { once: true });
  }
  document.querySelectorAll("table").forEach((table) => enhanceTable(table, data));
}

/** A table from data, with its columns sortable. */
export function tableOf({ columns, data }: PackedTable): HTMLTableElement {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  const kinds = data.map((values) =>
    values.some((value) => typeof value === "number") ? "number" : "text"
  );
  columns.forEach((name, column) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.className = kinds[column] ?? "text";
    cell.textContent = name;
    head.append(cell);
  });
  const body = table.createTBody();
  const length = data[0]?.length ?? 0;
  for (let at = 0; at < length; at++) {
    const row = body.insertRow();
    const workload = data[columns.indexOf("workload")]?.[at];
    if (typeof workload === "string") row.dataset.workload = workload;
    data.forEach((values, column) => {
      const cell = row.insertCell();
      cell.className = kinds[column] ?? "text";
      cell.textContent = cellText(values[at], columns[column] ?? "");
    });
  }
  addSorting(table);
  return table;
}

/** Columns whose numbers are names: of codes, of seeds. */
const NAMES = /(^|_)(code|seed|ordinal)$/;

/** Numbers as the page's other tables have them: thousands are separated, a minus is one. */
function cellText(value: unknown, column: string): string {
  const text = shownAs(value);
  if (typeof value !== "number" || NAMES.test(column) || text.includes("e")) return text;
  const [integer = "", ...rest] = text.split(".");
  const separated = integer.replace(/\B(?=(\d{3})+$)/g, ",");
  return [separated, ...rest].join(".").replace("-", "\u2212");
}

function fill(details: HTMLDetailsElement, packed: PackedTable): void {
  const scroll = document.createElement("div");
  scroll.className = "scroll tall";
  scroll.tabIndex = 0;
  const table = tableOf(packed);
  scroll.append(table);
  details.querySelector(".left-out")?.remove();
  details.append(scroll);
  showOnly(scroll);
  addDownload(table, details.dataset.table ?? "table", packed);
}

function enhanceTable(table: HTMLTableElement, data: PackedData): void {
  addSorting(table);
  const name = table.dataset.table ?? table.closest("section")?.id ?? "table";
  const key = table.closest<HTMLElement>("details[data-table]")?.dataset.table ?? "";
  addDownload(table, key === "" ? name : key, data.tables[key]);
}

function addDownload(table: HTMLTableElement, name: string, packed?: PackedTable): void {
  const rows = () => {
    if (packed === undefined) {
      return [...table.rows].map((row) => [...row.cells].map((cell) => textOf(cell)));
    }
    const length = packed.data[0]?.length ?? 0;
    const lines = Array.from({ length }, (_, at) => packed.data.map((values) => values[at]));
    return [packed.columns, ...lines];
  };
  const tools = document.createElement("div");
  tools.className = "tools";
  tools.append(button("CSV", `Table ${name} as CSV`, () => {
    download(`${name}.csv`, csvOf(rows()), "text/csv");
  }));
  (table.closest(".scroll") ?? table).before(tools);
}

function textOf(cell: HTMLTableCellElement): string {
  return (cell.textContent ?? "").trim();
}

/** Buttons in the last row of the head: up, down, and up again. */
function addSorting(table: HTMLTableElement): void {
  const heads = [...table.tHead?.rows[table.tHead.rows.length - 1]?.cells ?? []];
  const body = table.tBodies[0];
  if (body === undefined || body.rows.length < 2) return;
  heads.forEach((head, column) => {
    const sort = document.createElement("button");
    sort.type = "button";
    sort.className = "sort";
    sort.append(...head.childNodes);
    head.append(sort);
    sort.addEventListener("click", () => {
      const upward = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", upward ? "ascending" : "descending");
      const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
      rows.sort((a, b) => upward ? compare(a.key, b.key) : compare(b.key, a.key));
      body.append(...rows.map(({ row }) => row));
    });
  });
}

type Key = { number: number; text: string };

/** "1,240", "99.1 %" and "2.5 MiB" are numbers; a dash, which stands for nothing, is the least. */
function keyOf(cell: HTMLTableCellElement | undefined): Key {
  const text = cell === undefined ? "" : textOf(cell);
  const plain = text.replaceAll(",", "").replace("\u2212", "-").replace(/[\s\u00a0].*$/, "");
  const number = text === "\u2013" ? -Infinity : plain === "" ? NaN : Number(plain);
  return { number, text };
}

function compare(a: Key, b: Key): number {
  if (!Number.isNaN(a.number) && !Number.isNaN(b.number)) {
    return a.number === b.number ? 0 : a.number < b.number ? -1 : 1;
  }
  return a.text.localeCompare(b.text, "en", { numeric: true });
}
