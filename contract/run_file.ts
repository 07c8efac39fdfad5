// SPDX-License-Identifier: Apache-2.0
/** run.json: what was asked of a run, on what it was carried out, and how each trial ended. */
import { join } from "@std/path";
import { z } from "zod";
import { type Json, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { writeAtomically } from "../base/files.ts";
import { readText } from "../base/regular_file.ts";
import { issueInWords } from "./issues.ts";
import { phaseNames } from "./phases.ts";

/** Raised when run.json changes in form or meaning. */
export const runFormat = 2;

/** Names become those of files, and go into addresses and shell commands. */
const name = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  "is no name: letters, digits, dots, hyphens and underscores may stand in it",
);
const text = z.string();
const seconds = z.record(text, z.number());
/** A level's name goes into the names of trials, and so of files; "+" stands between kernels. */
const level = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, "is no level of a setting");
const setting = z.union([level, z.number()]);
/** A factor's name, or that of a workload's parameter. */
const factor = z.string().regex(/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/, "is no name of a factor");

const trialEntry = z.strictObject({
  id: name,
  /** Digest of everything that the trial's records depend on. */
  identity: text,
  /** Trials that differ only in the arm are in one block. */
  block: z.int().min(0),
  settings: z.record(factor, setting),
  /** "waiting": the run has not come to it, or was interrupted before. */
  status: z.enum(["waiting", "done", "failed"]),
  /** Why it failed. */
  reason: text.nullable(),
  /** Path of the records in the run's folder. */
  records: text,
  /** Digest of the records before the closing line. */
  digest: text.nullable(),
  wall_s: z.number().nullable(),
  phases_wall_s: seconds,
  /** Executed by the emulated host, from its first to its last. */
  instructions: z.number().nullable(),
  /** The run that measured it, where this one did not. */
  reused_from: text.nullable(),
});

const runFile = z.strictObject({
  format: z.literal(runFormat),
  run: name,
  experiment: z.strictObject({
    name,
    title: text,
    question: text,
    factors: z.record(factor, z.array(setting)),
    phases: z.array(z.enum(phaseNames)),
  }),
  /**
   * "exact": counts repeat to the digit. "imported" and "observed": no trial was carried out, the numbers
   * come from a file or from somebody else's host.
   */
  mode: z.enum(["exact", "hardware", "imported", "observed"]),
  host: text,
  started: text,
  finished: text.nullable(),
  command: z.array(text),
  git: z.strictObject({ revision: text, clean: z.boolean() }).nullable(),
  inputs: z.record(text, z.strictObject({ digest: text, version: text })),
  /** A locked source was gone, and another version took its place. */
  drift: z.boolean(),
  versions: z.record(text, text),
  machine: z.record(text, z.union([text, z.number()])),
  /** Who made the run and where: only when it was asked for. */
  names: z.strictObject({ user: text, machine: text, folder: text }).nullable(),
  jobs: z.int(),
  /** No trial was to be taken from other runs. */
  fresh: z.boolean(),
  timings_s: seconds,
  /** Over the trials' identities and digests. */
  digest: text.nullable(),
  trials: z.array(trialEntry),
});

/** What run.json says, but for its checksum. Nothing but `names` names a user, a machine or a path. */
export type RunFile = z.infer<typeof runFile>;
/** One trial of run.json. Paths are relative to the run's folder. */
export type TrialEntry = z.infer<typeof trialEntry>;

/** Name of the file in a run's folder. */
export const runFileName = "run.json";

/** run.json cannot be read, or is not as the lab wrote it. */
export class DamagedRun extends LabError {}

/** Writes run.json, or the same under another name, with a checksum of what it says. */
export async function writeRunFile(path: string, run: RunFile): Promise<void> {
  await writeAtomically(path, sealed(run));
}

/** The text of a file that holds these values and a checksum over them. */
export function sealed(content: object): string {
  return JSON.stringify({ ...content, checksum: checksumOf(content) }, null, 1) + "\n";
}

/** Of what somebody has written; nothing where it is too deep, or has numbers that JSON has not. */
function checksumIn(content: object): string | undefined {
  try {
    return checksumOf(content);
  } catch {
    return undefined;
  }
}

function checksumOf(content: object): string {
  return sha256OfJson(content as Json);
}

/**
 * Reads run.json of a run's folder.
 *
 * @throws {LabError} If there is none; {@linkcode DamagedRun} as {@linkcode parseRunFile}.
 */
export async function readRunFile(runFolder: string): Promise<RunFile> {
  const path = join(runFolder, runFileName);
  try {
    return parseRunFile(await readText(path), path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw error;
    }
    throw new LabError(
      `Cannot read run "${runFolder}": it has no ${runFileName}`,
      "Name a folder that a run has written, such as reports/<run>.",
    );
  }
}

/**
 * Checks the text of a run.json: its format, its checksum, then every field. A member that the format
 * does not have is refused, as only the lab itself writes the file: it would be lost at the next writing.
 *
 * @param path for messages
 * @throws {DamagedRun} If anything is not as the lab writes it; names the field.
 */
export function parseRunFile(text: string, path: string): RunFile {
  const content = objectIn(text, path);
  if (content.format !== runFormat) throw otherFormat(content.format, path);
  const { checksum, ...said } = content;
  if (checksum !== checksumIn(said)) {
    throw new DamagedRun(
      `Cannot trust "${path}": it is not as the lab wrote it (its checksum differs)`,
      "./lab run --resume RUN makes it again from the records",
    );
  }
  const parsed = runFile.safeParse(said, { reportInput: true });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new DamagedRun(
      `Cannot read "${path}": ${placeOf(issue!.path)} ${issueInWords(issue!)}`,
      "The file is not one this version has written. Repeat the run.",
    );
  }
  refuseStrayNames(parsed.data, path);
  return parsed.data;
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? "the object" : `field "${path.join(".")}"`;
}

function objectIn(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DamagedRun(
      `Cannot read "${path}": it is not JSON (${(error as Error).message})`,
      "./lab run --resume RUN repairs a damaged run.json",
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new DamagedRun(`Cannot read "${path}": it is not a JSON object`);
}

/** A sound file, but not of this version: nothing to repair. */
function otherFormat(format: unknown, path: string): LabError {
  return format === 1
    ? new LabError(
      `Cannot read "${path}": the run is of format 1, which version 0.1 of the lab has written`,
      "Read it with that version, or repeat the run with this one",
    )
    : new DamagedRun(
      `Cannot read "${path}": its format is ${JSON.stringify(format)}, not ${runFormat}`,
      "Read the run with the version of the lab that has written it",
    );
}

/** Where a trial's records lie in a run's folder. */
export function recordsPath(id: string): string {
  return `trials/${id}.jsonl`;
}

/** A run folder may come from someone else: it names each trial once and stays inside itself. */
function refuseStrayNames(run: RunFile, path: string): void {
  const seen = new Set<string>();
  for (const { id, records } of run.trials) {
    if (seen.has(id)) {
      throw new DamagedRun(`Cannot read "${path}": trial "${id}" stands there twice`);
    }
    seen.add(id);
    if (records !== recordsPath(id)) {
      throw new DamagedRun(
        `Cannot read "${path}": records "${records}" of trial "${id}" are not ${
          recordsPath(id)
        }, ` +
          "where the lab writes them",
      );
    }
  }
}
