// SPDX-License-Identifier: Apache-2.0
/** The records of a trial as a whole: read, checked, and told apart by kind. */
import { LabError } from "../base/errors.ts";
import { end, openRecords } from "./closing_line.ts";
import type { Declaration } from "./declaration.ts";
import { type Kind, kinds, type OtherRecord, type RecordOf } from "./kinds.ts";
import { type Kinds, recordOr } from "./record.ts";

/** Raised when the agent's plan, its phases or its records change in form or meaning. */
export const recordsFormat = 2;

/** A record of a trial's file: one of a kind, with the line it stands on, from 1. */
export type LineOf<K extends Kind> = RecordOf<K> & { line: number };

/** The same of any kind. */
export type Line = OtherRecord & { line: number };

/** The records of one trial by kind, in the order of the file. Kinds that do not occur are empty. */
export type Records = { [K in Kind]: LineOf<K>[] };

/** The same for kinds that are not known by name. */
export type RecordsByKind = Record<string, Line[]>;

/**
 * Reads the finished records of a trial and checks them against their closing line. Those of kinds that
 * are not declared are left out.
 *
 * @param bytes content of the file, JSON lines
 * @param file its name, for messages
 * @param digest SHA-256 that the lines before the closing one must have, beside what that line says
 * @throws {LabError} If a line is not JSON, lacks a field or has a wrong type, if the closing line
 * is missing, if count or digest differ from it, or if the records are of another format. Names the
 * file, the line and what is wrong.
 */
export function parseRecords(
  bytes: Uint8Array,
  file: string,
  digest?: string,
): Records {
  return parseKinds(bytes, file, digest, kinds) as unknown as Records;
}

/** As {@linkcode parseRecords}, for any kinds. */
export function parseKinds(
  bytes: Uint8Array,
  file: string,
  digest: string | undefined,
  kinds: Kinds,
): RecordsByKind {
  const closed = openRecords(bytes);
  if ("wrong" in closed) throw damaged(file, closed.line, closed.wrong);
  if (digest !== undefined && closed.digest !== digest) {
    const wrong = "the digest is not the one that run.json gives for the trial";
    throw damaged(file, closed.count + 1, wrong);
  }
  const records = noRecords(kinds);
  for (const { content, line } of linesOf(closed.records)) {
    const record = recordOr(content, { ...kinds, end });
    if (typeof record === "string") throw damaged(file, line, record);
    if (record.kind === "end") throw damaged(file, line + 1, "a line follows the closing line");
    if (record.kind === "plan" && record.format !== recordsFormat) {
      throw damaged(file, line, `the records are of format ${record.format}, not ${recordsFormat}`);
    }
    records[record.kind]?.push({ ...record, line });
  }
  return records;
}

/**
 * Reads what can be read of a failed trial's records, up to the first line that is broken: only kinds
 * that say what went wrong. Never throws, since a failed trial may have stopped anywhere.
 */
export function parseRemains(bytes: Uint8Array): Records {
  const said = Object.entries<Declaration>(kinds).filter(([, { ofFailedTrials }]) =>
    ofFailedTrials
  );
  const records = noRecords(kinds);
  for (const { content, line } of linesOf(bytes)) {
    const record = recordOr(content, kinds);
    if (typeof record === "string") break;
    if (said.some(([kind]) => kind === record.kind)) {
      records[record.kind]?.push({ ...record, line });
    }
  }
  return records as unknown as Records;
}

function noRecords(kinds: Kinds): RecordsByKind {
  return Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
}

function* linesOf(bytes: Uint8Array): Generator<{ content: string; line: number }> {
  const decoder = new TextDecoder();
  for (let offset = 0, line = 1; offset < bytes.length; line++) {
    const found = bytes.indexOf(10, offset);
    const stop = found < 0 ? bytes.length : found;
    yield { content: decoder.decode(bytes.subarray(offset, stop)), line };
    offset = stop + 1;
  }
}

/** The error for records that cannot be trusted: names file, line (from 1) and what is wrong. */
export function damaged(file: string, line: number, wrong: string): LabError {
  return new LabError(
    `Cannot read records "${file}": line ${line}: ${wrong}`,
    "The trial counts as failed. Repeat it with --resume.",
  );
}
