import { z } from "zod";
import { sha256 } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";

const whole = z.number().refine(Number.isInteger, "is not a whole number").min(0);
const guest = whole.nullish();
const text = z.string();

const head = { t_ns: whole, phase: text, kind: text };
const end = z.looseObject({ kind: z.literal("end"), records: whole, sha256: text });

/** What a record of each kind must hold. Further keys are kept; kinds not listed are skipped. */
const kinds = {
  phase: z.looseObject({ ...head, event: z.enum(["begin", "end"]) }),
  ksm: z.looseObject({
    ...head,
    full_scans: z.number(),
    pages_shared: z.number(),
    pages_sharing: z.number(),
  }),
  memory: z.looseObject({ ...head, scope: text, guest }),
  exits: z.looseObject({ ...head, guest: whole, reason_code: z.number(), count: whole }),
  faults: z.looseObject({ ...head, guest: whole, error_code: whole, count: whole }),
  mapped: z.looseObject({ ...head, guest }),
  kvm: z.looseObject({ ...head, guest }),
  cpu: z.looseObject({ ...head, task: text, guest, run_ns: whole }),
  vm_events: z.looseObject(head),
  host_faults: z.looseObject({ ...head, guest: whole, minor: whole, major: whole }),
  host_cost: z.looseObject({ ...head, what: text, key: text, count: whole, spent_ns: whole }),
  growth: z.looseObject({
    ...head,
    guests: whole,
    swapped_out_pages: whole,
    stalls: whole,
    pressed: whole,
  }),
  census: z.looseObject({
    ...head,
    by: text,
    class: text,
    guests: whole,
    pages: whole,
    groups: whole,
  }),
  touch: z.looseObject({
    ...head,
    guest: whole,
    round: whole,
    pages: whole,
    ticks: whole,
    histogram: z.array(whole).optional(),
    checksum: text.optional(),
    unit: text.optional(),
  }),
  event: z.looseObject({ ...head, cpu: whole, count: whole, data: text }),
  task: z.looseObject({ ...head, task: whole, name: text.optional(), guest }),
  region: z.looseObject({ ...head, guest: whole, hva: whole, bytes: whole, gpa: whole }),
  log: z.looseObject({ ...head, source: text, guest, text }),
  failure: z.looseObject({ kind: text, reason: text, guest, console: text.nullish() }),
};

type Kinds = typeof kinds;
/** The kinds of records that are read. */
export type Kind = keyof Kinds;
/** A record of one kind, with the line it stands on, from 1. */
export type RecordOf<K extends Kind> = z.infer<Kinds[K]> & { line: number };
/** The records of one trial by kind, in the order of the file. Kinds that do not occur are empty. */
export type Records = { [K in Kind]: RecordOf<K>[] };

function emptyRecords(): Records {
  const names = Object.keys(kinds) as Kind[];
  return Object.fromEntries(names.map((kind) => [kind, []])) as unknown as Records;
}

/**
 * Reads the finished records of a trial and checks them against their closing line.
 *
 * @param bytes content of the file, JSON lines
 * @param file its name, for messages
 * @param digest SHA-256 that the lines before the closing one must have, beside what that line says
 * @throws {LabError} If a line is not JSON, lacks a field or has a wrong type, if the closing line
 * is missing, or if count or digest differ from it. Names the file, the line and what is wrong.
 */
export function parseRecords(bytes: Uint8Array, file: string, digest?: string): Records {
  const records = emptyRecords();
  const lines = splitLines(bytes);
  let line = 0;
  for (const { content, offset } of lines) {
    line++;
    const value = parseLine(content, file, line);
    if (value.kind !== "end") {
      keep(records, value, file, line);
      continue;
    }
    const closing = check(end, value, file, line);
    if (line !== lines.length) throw damaged(file, line + 1, "a line follows the closing line");
    if (closing.records !== line - 1) {
      const said = `the closing line counts ${closing.records} records`;
      throw damaged(file, line, `${said}, but ${line - 1} stand before it`);
    }
    const found = sha256(bytes.subarray(0, offset));
    if (found !== closing.sha256) {
      throw damaged(file, line, "the content does not match the digest of the closing line");
    }
    if (digest !== undefined && found !== digest) {
      throw damaged(file, line, "the digest is not the one that run.json gives for the trial");
    }
    return records;
  }
  throw damaged(file, line, "the closing line is missing, so the trial was not finished");
}

/**
 * Reads what can be read of a failed trial's records: only `log` and `failure`, up to the first
 * line that is broken. Never throws, since a failed trial may have stopped anywhere.
 */
export function parseRemains(bytes: Uint8Array): Records {
  const records = emptyRecords();
  let line = 0;
  for (const { content } of splitLines(bytes)) {
    line++;
    try {
      const value = parseLine(content, "", line);
      if (value.kind === "log" || value.kind === "failure") keep(records, value, "", line);
    } catch {
      return records;
    }
  }
  return records;
}

function splitLines(bytes: Uint8Array): { content: string; offset: number }[] {
  const decoder = new TextDecoder();
  const lines = [];
  for (let offset = 0; offset < bytes.length;) {
    const found = bytes.indexOf(10, offset);
    const stop = found < 0 ? bytes.length : found;
    lines.push({ content: decoder.decode(bytes.subarray(offset, stop)), offset });
    offset = stop + 1;
  }
  return lines;
}

function parseLine(content: string, file: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw damaged(file, line, `"${content.slice(0, 60)}" is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw damaged(file, line, "it is not a JSON object");
  }
  return value as Record<string, unknown>;
}

function keep(
  records: Records,
  value: Record<string, unknown>,
  file: string,
  line: number,
): void {
  if (typeof value.kind !== "string") throw damaged(file, line, `the field "kind" is missing`);
  if (!Object.hasOwn(kinds, value.kind)) return;
  const kind = value.kind as Kind;
  const record = { ...check(kinds[kind], value, file, line), line };
  (records[kind] as (typeof record)[]).push(record);
}

function check<S extends z.ZodType>(
  schema: S,
  value: Record<string, unknown>,
  file: string,
  line: number,
): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".");
  throw damaged(file, line, `field "${field}" of the ${value.kind} record: ${issue?.message}`);
}

/** The error for records that cannot be trusted: names file, line (from 1) and what is wrong. */
export function damaged(file: string, line: number, wrong: string): LabError {
  return new LabError(
    `Cannot read records "${file}": line ${line}: ${wrong}`,
    "The trial counts as failed. Repeat it with --resume.",
  );
}
