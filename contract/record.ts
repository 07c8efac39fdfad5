// SPDX-License-Identifier: Apache-2.0
/** Reading single records, for all who follow them as they come. */
import { issueInWords } from "./issues.ts";
import { z } from "zod";
import { LabError } from "../base/errors.ts";
import { type Declaration, head, isWhole } from "./declaration.ts";
import { furtherOf } from "./further.ts";
import { type Kind, kinds, type OtherRecord, type RecordOf } from "./kinds.ts";

/** Any record; {@linkcode isA} tells which kind it is, and so which fields it has. */
export type AnyRecord = OtherRecord;

/** Kinds of records by name, as {@linkcode kinds} has them. */
export type Kinds = Readonly<Record<string, Declaration>>;

/**
 * Reads a record from its line and checks it against the declaration of its kind. One of a kind that is
 * not declared only needs what all records begin with, and is kept as it is.
 *
 * @param line JSON text, without what ends the line
 * @throws {LabError} If it is not JSON, lacks a field or has a wrong type; says which and why.
 */
export function readRecord(line: string): AnyRecord {
  return readAs(line, kinds);
}

/** Reads the records of some whole lines. @throws {LabError} As {@linkcode readRecord}. */
export function readRecords(lines: string): AnyRecord[] {
  return lines.split("\n").filter((line) => line !== "").map(readRecord);
}

/** Whether a record is of a kind, and so has its fields. */
export function isA<K extends Kind>(record: AnyRecord, kind: K): record is AnyRecord & RecordOf<K> {
  return record.kind === kind;
}

/** As {@linkcode readRecord}, for other kinds than those of a trial. */
export function readAs(line: string, kinds: Kinds): OtherRecord {
  const found = recordOr(line, kinds);
  if (typeof found !== "string") return found;
  throw new LabError(`Cannot read a record: ${found}`, "Repeat what has written it.");
}

/** The record, or what is wrong with it. */
export function recordOr(line: string, kinds: Kinds): OtherRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return `"${line.slice(0, 60)}" is not JSON`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "it is not a JSON object";
  }
  const { kind } = value as { kind?: unknown };
  if (typeof kind !== "string") return `the field "kind" is missing`;
  const parsed = schemaOf(kind, kinds).safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data as OtherRecord;
  const [issue] = parsed.error.issues;
  return `field "${issue!.path.join(".")}" of the ${kind} record: ${issueInWords(issue!)}`;
}

const schemas = new WeakMap<Declaration, z.ZodType>();
const ofOthers = schemaOfFields({ says: "", fields: {}, table: { form: "own" } });

function schemaOf(kind: string, kinds: Kinds): z.ZodType {
  const declaration = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (declaration === undefined) return ofOthers;
  const known = schemas.get(declaration) ?? schemaOfFields(declaration);
  schemas.set(declaration, known);
  return known;
}

function schemaOfFields(declaration: Declaration): z.ZodType {
  const all = Object.entries({ ...head, ...declaration.fields });
  const named = z.looseObject(Object.fromEntries(all.map(([name, { schema }]) => [name, schema])));
  if (declaration.further === undefined) return named;
  return named.superRefine((record, context) => {
    const [name] = furtherOf(record, declaration).find(([, value]) => !isWhole(value)) ?? [];
    if (name === undefined) return;
    const message = "is not a whole number, or too large";
    context.addIssue({ code: "custom", path: [name], message });
  });
}
