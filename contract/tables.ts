// SPDX-License-Identifier: Apache-2.0
/** The tables that records become rows of: their columns, as SQL and in words. */
import {
  type ColumnType,
  type Declaration,
  type Extra,
  type Field,
  head,
  withUnit,
} from "./declaration.ts";
import type { Kinds } from "./record.ts";

/** A column of a table. */
export interface Column {
  /** Its name. */
  name: string;
  /** DuckDB's name of its type. */
  type: string;
  /** Meaning and unit. */
  comment: string;
}

/** A table, and what a row of it is. */
export interface Table {
  /** Its name. */
  name: string;
  /** What a row is, in a sentence. */
  says: string;
  /** In their order, the name of the trial first. */
  columns: Column[];
}

const trial: Column = { name: "trial", type: "VARCHAR", comment: "name of the trial, see trials" };

/** The tables of a kind: that of its name, and one more where it has a histogram. */
export function tablesOf(kind: string, declaration: Declaration): Table[] {
  const { says, table } = declaration;
  const columns = columnsOf(declaration);
  if (columns.length === 0) return [];
  const own = { name: kind, says, columns: [trial, ...columns] };
  if (table.form !== "as recorded" || table.histogram === undefined) return [own];
  const { histogram } = table;
  const keys = histogram.keys.map((name) => columnOf(name, fieldOf(declaration, name)));
  return [own, {
    name: histogram.table,
    says: histogram.says,
    columns: [trial, columnOf("phase", head.phase), ...keys, ...HISTOGRAM],
  }];
}

/** All tables of records, in the order of the declarations. */
export function tablesOfKinds(kinds: Kinds): Table[] {
  return Object.entries(kinds).flatMap(([kind, declaration]) => tablesOf(kind, declaration));
}

const HISTOGRAM: Column[] = [
  { name: "bin", type: "BIGINT", comment: "i" },
  {
    name: "low_ticks",
    type: "BIGINT",
    comment: "2^i: the bin holds touches of 2^i up to 2^(i+1) ticks",
  },
  { name: "pages", type: "BIGINT", comment: "touches in the bin" },
];

const AT_PHASE_END: Column = {
  name: "at_phase_end",
  type: "BOOLEAN",
  comment: "the last reading of its phase",
};

function columnsOf(declaration: Declaration): Column[] {
  const { fields, table } = declaration;
  const named = (names: readonly string[]) =>
    names.map((name) => columnOf(name, fieldOf(declaration, name)));
  const phase = columnOf("phase", head.phase);
  switch (table.form) {
    case "own":
      return Object.entries(table.columns ?? {})
        .map(([name, { type, text }]) => ({ name, type, comment: text }));
    case "as recorded":
      return named(table.columns);
    case "counters": {
      const derived = Object.entries(table.derived ?? {})
        .map(([name, { type, text }]) => ({ name, type, comment: text }));
      const { further } = table;
      const more = further === undefined
        ? []
        : [extra(further.name, "VARCHAR"), extra(further.change, "BIGINT")];
      return [
        phase,
        ...named(table.key),
        ...derived,
        ...named(valuesOf(declaration)),
        ...more,
      ];
    }
    case "statistics": {
      const { name, atEnd, change } = table.further;
      const more = [extra(name, "VARCHAR"), extra(atEnd, "BIGINT"), extra(change, "BIGINT")];
      return [phase, ...named(table.key), ...more];
    }
    case "readings": {
      const { further } = table;
      const more = further === undefined
        ? []
        : "together" in further
        ? [extra(further.together, "VARCHAR")]
        : [extra(further.name, "VARCHAR"), extra(further.value, "BIGINT")];
      return [phase, columnOf("t_ns", READ), AT_PHASE_END, ...named(Object.keys(fields)), ...more];
    }
  }
}

const READ: Field = { ...head.t_ns, text: "when it was read" };

/** Fields of counters that count: all that are not part of the key. */
export function valuesOf({ fields, table }: Declaration): string[] {
  const key = table.form === "counters" || table.form === "statistics" ? table.key : [];
  return Object.keys(fields).filter((name) => !key.includes(name));
}

function fieldOf({ fields }: Declaration, name: string): Field {
  const field = fields[name] ?? (head as Record<string, Field>)[name];
  if (field === undefined) throw new Error(`A declaration has no field "${name}" for its column`);
  return field;
}

function columnOf(name: string, { type, text, column, unit }: Field): Column {
  return { name, type, comment: column ?? withUnit({ text, unit }) };
}

function extra({ name, text, unit }: Extra, type: ColumnType): Column {
  return { name, type, comment: withUnit({ text, unit }) };
}

/** Where comments begin, counted from where columns do. */
const COMMENT_AT = 28;

/** A table's CREATE statement: beside each column its comment. */
export function createStatement({ name, columns }: Pick<Table, "name" | "columns">): string {
  const lines = columns.map(({ name, type, comment }, at) => {
    const column = `${name} ${type}${at < columns.length - 1 ? "," : ""}`;
    return `  ${column.padEnd(COMMENT_AT - 1)} -- ${comment}\n`;
  });
  return `CREATE TABLE ${name} (\n${lines.join("")});\n`;
}
