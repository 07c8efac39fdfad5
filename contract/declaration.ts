// SPDX-License-Identifier: Apache-2.0
/**
 * How a kind of record is declared: its fields, what each means, and how records become rows of the
 * table of the same name. The parser, the tables and docs/RECORDS.md are made from such declarations.
 */
import { z } from "zod";
import type { Processor } from "../machines/machine.ts";

/** Types of columns, as DuckDB calls them. */
export type ColumnType = "BIGINT" | "VARCHAR" | "BOOLEAN" | "fault_access";

/** A value of a row; NULL is null. */
export type Cell = string | number | boolean | null;

/** A field of a record: what it must hold, and what it means. */
export interface Field<S extends z.ZodType = z.ZodType> {
  /** What zod checks it by. */
  schema: S;
  /** What JSON holds: "number", "text", "numbers", or words. */
  json: string;
  /** Type of its column. */
  type: ColumnType;
  /** Without a full stop. */
  text: string;
  /** "ns", "pages". */
  unit?: string;
  /** What the column means, with its unit, where that is not what the record says. */
  column?: string;
  /** What a column holds of it, where that is not the value itself. */
  cell?: (value: unknown) => Cell;
}

/** Fields by name. */
export type Fields = Readonly<Record<string, Field>>;

/** A column that is worked out rather than recorded. */
export interface Derived {
  /** Type of the column. */
  type: ColumnType;
  /** What it means. */
  text: string;
  /**
   * What it holds in a row.
   *
   * @param record the fields that say which counter it is
   * @param processor that the trial ran on
   */
  of: (record: Readonly<Record<string, unknown>>, processor: Processor) => Cell;
}

/** Name and meaning of a column that a form of table adds. */
export interface Extra {
  /** Name of the column. */
  name: string;
  /** What it means. */
  text: string;
  /** Its unit. */
  unit?: string;
}

/** Numbers of a record that no field names, such as all the statistics that a kernel happens to have. */
export interface Further {
  /** What they are. */
  text: string;
  /** Their unit. */
  unit?: string;
  /** Only those whose names end so; the ending is left out in the table. */
  ending?: string;
}

/** Each record is a row. */
export interface AsRecorded {
  /** Tells it from the other forms. */
  form: "as recorded";
  /** Which members become columns and in which order, "phase" and "t_ns" among them. */
  columns: readonly string[];
  /** Each non-zero entry of a list of counts by power of two becomes a row of a table of its own. */
  histogram?: { table: string; says: string; field: string; keys: readonly string[] };
}

/** Cumulative counters: a row is what a counter, told by its key, moved by in a phase. */
export interface Counters {
  /** Tells it from the other forms. */
  form: "counters";
  /** Fields that say which counter it is. */
  key: readonly string[];
  /** Columns behind the key. */
  derived?: Readonly<Record<string, Derived>>;
  /** Whether a phase in which a counter did not move has a row of it. */
  zeros: "kept" | "left out";
  /** Further numbers are counters too, a row each, with these columns. */
  further?: { name: Extra; change: Extra };
}

/** As counters, but some of them may fall: a row has how a statistic moved, and what it then was. */
export interface Statistics {
  /** Tells it from the other forms. */
  form: "statistics";
  /** Fields that say whose statistics they are. */
  key: readonly string[];
  /** Columns of a statistic: its name, what it was at the end of the phase, how it moved. */
  further: { name: Extra; atEnd: Extra; change: Extra };
}

/** A state, read at some moments. */
export interface Readings {
  /** Tells it from the other forms. */
  form: "readings";
  /** Fields that tell one series of readings from another. */
  of: readonly string[];
  /** Further numbers: a row each, or together in one column as JSON. */
  further?: { name: Extra; value: Extra } | { together: Extra };
}

/** Records that are read by code of their own. Without columns there is no table of that name. */
export interface Own {
  /** Tells it from the other forms. */
  form: "own";
  /** Columns behind the name of the trial. */
  columns?: Readonly<Record<string, { type: string; text: string }>>;
}

/** How records become rows. */
export type Form = AsRecorded | Counters | Statistics | Readings | Own;

/** A kind of record. */
export interface Declaration<F extends Fields = Fields> {
  /** In a sentence. */
  says: string;
  /** What it holds besides what all records begin with. */
  fields: F;
  /** Numbers that no field names. */
  further?: Further;
  /** Any member may stand in it. */
  open?: boolean;
  /** How records become rows. */
  table: Form;
  /** Those of a trial that failed are rows too. */
  ofFailedTrials?: boolean;
}

/** A place for each power of two that a counter of the processor can reach. */
const mostCounts = 64;

/** What a column of whole numbers holds at most; a double next to it. */
const largest = 2 ** 63 - 1024;

/** What all records begin with. */
export const head = {
  t_ns: whole("when it was recorded", { unit: "ns" }),
  phase: text("phase that it belongs to", { column: "phase that it belongs to, see phases" }),
  kind: text("which kind of record it is, and the name of its table"),
} satisfies Fields;

/** The fields' schemas. */
export type Shape<F extends Fields> = { [Name in keyof F]: F[Name]["schema"] };

/** A record as TypeScript sees it. Members that no field names are kept. */
export type RecordIn<F extends Fields> = z.infer<
  z.ZodObject<Shape<typeof head> & Shape<F>, z.core.$loose>
>;

/** Declares a kind of record. */
export function declare<const F extends Fields>(declaration: Declaration<F>): Declaration<F> {
  return declaration;
}

/** More about a field than its meaning. */
export type More = Pick<Field, "unit" | "column">;

/** Whether a column of whole numbers can hold it. */
export function isWhole(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= largest;
}

/** A whole number, not negative. */
export function whole(text: string, more: More = {}): Field<z.ZodNumber> {
  const schema = z.number().refine(Number.isInteger, "is not a whole number").min(0).max(largest);
  return { schema, json: "number", type: "BIGINT", text, ...more };
}

/** A text. */
export function text(text: string, more: More = {}): Field<z.ZodString> {
  return { schema: z.string(), json: "text", type: "VARCHAR", text, ...more };
}

/** One of some words. */
export function oneOf<const W extends readonly [string, ...string[]]>(
  words: W,
  text: string,
  more: More = {},
): Field<z.ZodEnum<{ [K in W[number]]: K }>> {
  const json = words.map((word) => `"${word}"`).join(" or ");
  return { schema: z.enum(words), json, type: "VARCHAR", text, ...more };
}

/** Recorded as 0 or 1, since the agent knows numbers and words only. */
export function flag(text: string, more: More = {}): Field<z.ZodNumber> {
  const cell = (value: unknown) => Number(value) > 0;
  return { schema: whole("").schema, json: "0 or 1", type: "BOOLEAN", text, cell, ...more };
}

/** Counts, the first one's place being 0. */
export function counts(text: string, more: More = {}): Field<z.ZodArray<z.ZodNumber>> {
  return {
    schema: z.array(whole("").schema).max(mostCounts),
    json: "numbers",
    type: "VARCHAR",
    text,
    ...more,
  };
}

/** A field that a record may lack. */
export function optional<S extends z.ZodType>(
  field: Field<S>,
): Field<z.ZodOptional<z.ZodNullable<S>>> {
  return { ...field, schema: field.schema.nullish() };
}

/** "1 to 2, ns" */
export function withUnit({ text, unit }: { text: string; unit?: string | undefined }): string {
  return unit === undefined ? text : `${text}, ${unit}`;
}
