// SPDX-License-Identifier: Apache-2.0
/** docs/RECORDS.md: what the records of a trial say, made of their declarations. */
import { end } from "./closing_line.ts";
import { type Declaration, type Field, head, withUnit } from "./declaration.ts";
import { kinds } from "./kinds.ts";
import type { Kinds } from "./record.ts";
import { type Table, tablesOf } from "./tables.ts";

/** Prose is broken at this width, as `deno fmt` does it. */
const WIDTH = 100;

const INTRODUCTION = [
  "What the agent records while it carries a trial out: one JSON object a line, in the order in which " +
  "things happened. This page is made of the declarations in `contract/records/`, from which the parser " +
  "and the tables of `lab query` come too. To renew it: `deno run contract/records_page.ts > " +
  "docs/RECORDS.md`.",
  "A record's `kind` is the name of its table. Counters run from the beginning of the trial or of the " +
  "guest, and are read at the end of each phase; in the table stands what happened in a phase. A kind " +
  "that is not declared here is kept in the file and skipped by the analysis, as is a member that no " +
  "field names.",
];

/** The page's text. */
export function recordsPage(kinds: Kinds): string {
  return [
    "# Records",
    ...INTRODUCTION.map((text) => wrapped(text)),
    "## What all records begin with",
    fieldTable(head),
    ...Object.entries(kinds).flatMap(([kind, declaration]) => section(kind, declaration)),
    ...section("end", end),
  ].join("\n\n") + "\n";
}

function section(kind: string, declaration: Declaration): string[] {
  const { says, fields, further, open } = declaration;
  const more = further === undefined ? "" : furtherInWords(further);
  const anything = open ? "Any further member may stand in it." : "";
  return [
    `## ${kind}`,
    wrapped(says),
    ...(Object.keys(fields).length === 0 ? [] : [fieldTable(fields)]),
    ...[more, anything].filter((text) => text !== "").map((text) => wrapped(text)),
    ...rowsInWords(kind, declaration),
  ];
}

function furtherInWords({ text, unit, ending }: NonNullable<Declaration["further"]>): string {
  const which = ending === undefined ? "Every other number" : `Every number named \`...${ending}\``;
  return `${which}: ${withUnit({ text, unit })}.`;
}

/** How records become rows, and what those columns mean that say something else than a field. */
function rowsInWords(kind: string, declaration: Declaration): string[] {
  const [table, ...others] = tablesOf(kind, declaration);
  if (table === undefined) return [wrapped("It has no table of its own.")];
  const { table: form } = declaration;
  const how = {
    "as recorded": "each record is one",
    counters: "a row is what a counter moved by in a phase" +
      (form.form === "counters" && form.zeros === "left out"
        ? "; there is none where it did not"
        : ""),
    statistics: "a row has what a number was at the end of a phase, and by how much it moved",
    readings: "each reading is one",
    own: "a row is made of two records, as a phase begins and ends",
  }[form.form];
  return [
    wrapped(`Rows of the table \`${kind}\`: ${how}. Columns: ${columnNames(table)}.`),
    ...ownColumns(table, declaration),
    ...others.map((other) =>
      wrapped(`Rows of \`${other.name}\`: ${lowered(other.says)} Columns: ${columnNames(other)}.`)
    ),
  ];
}

function columnNames({ columns }: Table): string {
  return columns.map(({ name }) => `\`${name}\``).join(", ");
}

/** Columns that no field of the record is. */
function ownColumns({ columns }: Table, { fields }: Declaration): string[] {
  const own = columns.filter(({ name }) =>
    name !== "trial" && !(name in head) && !(name in fields)
  );
  if (own.length === 0) return [];
  return [
    own.map(({ name, comment }) => wrapped(`- \`${name}\`: ${escaped(comment)}`, "  ")).join("\n"),
  ];
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function fieldTable(fields: Readonly<Record<string, Field>>): string {
  const rows = Object.entries(fields).map(([name, { schema, json, unit, text }]) => [
    `\`${name}\``,
    schema.safeParse(undefined).success ? `${json}, or absent` : json,
    unit ?? "",
    escaped(text),
  ]);
  return tableOf([["field", "type", "unit", "meaning"], ...rows]);
}

/** What Markdown would read as more than text. */
function escaped(text: string): string {
  return text.replace(/[|*]/g, "\\$&");
}

/** A Markdown table whose cells are as wide as their columns. */
function tableOf(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, at) => Math.max(3, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  const [heading, ...body] = rows.map(line);
  return [heading, line(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

/** Broken between words, further lines indented; what stands in backquotes is not broken. */
function wrapped(text: string, indent = ""): string {
  const lines = [""];
  for (const word of text.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const last = lines.at(-1)!;
    const longer = last.trim() === "" ? last + word : `${last} ${word}`;
    if (longer.length <= WIDTH || last.trim() === "") lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}

if (import.meta.main) console.log(recordsPage(kinds).trimEnd());
