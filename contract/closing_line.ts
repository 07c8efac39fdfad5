// SPDX-License-Identifier: Apache-2.0
/** The last line of a finished trial's records: how many stand before it, and their digest. */
import { sha256 } from "../base/digest.ts";
import { declare, text, whole } from "./declaration.ts";
import { recordOr } from "./record.ts";

/** The declaration of the closing line. */
export const end = declare({
  says: "The closing line: without it a file is an unfinished trial's. The lab writes it.",
  fields: {
    records: whole("how many records stand before it"),
    sha256: text("SHA-256 of the bytes before it, hex"),
  },
  table: { form: "own" },
});

/** Records that are whole. */
export interface ClosedRecords {
  /** The bytes before the closing line. */
  records: Uint8Array;
  /** How many there are. */
  count: number;
  /** SHA-256 of those bytes. */
  digest: string;
}

/** What is wrong with a file of records, and on which line, from 1. */
export interface Unclosed {
  /** From 1. */
  line: number;
  /** In words. */
  wrong: string;
}

const newline = 0x0a;

/** Records, each a line, with the closing line behind them. */
export function closeRecords(records: Uint8Array): { bytes: Uint8Array } & ClosedRecords {
  const [count, digest] = [linesIn(records), sha256(records)];
  const last = records.subarray(startOfLastLine(records));
  const before = recordOr(new TextDecoder().decode(last), {});
  const { t_ns, phase } = typeof before === "string" ? { t_ns: 0, phase: "end" } : before;
  const line = JSON.stringify({ t_ns, phase, kind: "end", records: count, sha256: digest });
  const ending = new TextEncoder().encode(`${line}\n`);
  const bytes = new Uint8Array(records.length + ending.length);
  bytes.set(records);
  bytes.set(ending, records.length);
  return { bytes, records: bytes.subarray(0, records.length), count, digest };
}

/** Takes the closing line off and checks it. */
export function openRecords(bytes: Uint8Array): ClosedRecords | Unclosed {
  const cut = startOfLastLine(bytes);
  const records = bytes.subarray(0, cut);
  const count = linesIn(records);
  const closing = recordOr(new TextDecoder().decode(bytes.subarray(cut)).trimEnd(), { end });
  const wrong = (wrong: string) => ({ line: count + 1, wrong });
  if (typeof closing === "string") {
    return wrong(`the closing line is missing, so the trial was not finished (${closing})`);
  }
  if (closing.kind !== "end") {
    return wrong("the closing line is missing, so the trial was not finished");
  }
  if (closing.records !== count) {
    return wrong(
      `the closing line counts ${closing.records} records, but ${count} stand before it`,
    );
  }
  const digest = sha256(records);
  if (closing.sha256 !== digest) {
    return wrong("the content does not match the digest of the closing line");
  }
  return { records, count, digest };
}

function linesIn(bytes: Uint8Array): number {
  return bytes.reduce((lines, byte) => lines + (byte === newline ? 1 : 0), 0);
}

function startOfLastLine(bytes: Uint8Array): number {
  return bytes.lastIndexOf(newline, bytes.length - 2) + 1;
}
