// SPDX-License-Identifier: Apache-2.0
/** run.json: what was asked of a run, on what it was carried out, and how each trial ended. */
import { join } from "@std/path";
import { z } from "zod";
import { type Json, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { writeAtomically } from "../base/files.ts";
import { readText } from "../base/regular_file.ts";
import { issueInWords } from "./issues.ts";
import { endedName, withEnded } from "./ended_trials.ts";
import { phaseNames } from "./phases.ts";
import { factor, name, recordsPath, seconds, setting, text, trialEntry } from "./trial_entry.ts";

export { recordsPath, type TrialEntry } from "./trial_entry.ts";

/** Raised when run.json changes in form or meaning. */
export const runFormat = 2;

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
 * Reads run.json of a run's folder, and which trials have ended since it was written.
 *
 * @throws {LabError} If there is none; {@linkcode DamagedRun} as {@linkcode parseRunFile}.
 */
export async function readRunFile(runFolder: string): Promise<RunFile> {
  const path = join(runFolder, runFileName);
  try {
    /* Before run.json, which may take them in meanwhile. */
    const ended = await readEnded(runFolder);
    const run = parseRunFile(await readText(path), path);
    return ended === "" ? run : { ...run, trials: withEnded(run.trials, ended) };
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

/** What has ended since run.json was written, as {@linkcode withEnded} takes it; "" where nothing has. */
export async function readEnded(runFolder: string): Promise<string> {
  try {
    return await readText(join(runFolder, endedName));
  } catch (error) {
    if (error instanceof LabError || error instanceof Deno.errors.NotFound) return "";
    if (error instanceof Deno.errors.NotADirectory) return "";
    throw error;
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
