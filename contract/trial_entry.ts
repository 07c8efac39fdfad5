// SPDX-License-Identifier: Apache-2.0
/** One trial of run.json, and how it ended. */
import { z } from "zod";

/** Names become those of files, and go into addresses and shell commands. */
export const name = z.string().regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  "is no name: letters, digits, dots, hyphens and underscores may stand in it",
);
/** Any text. */
export const text = z.string();
/** Seconds by what took them. */
export const seconds = z.record(text, z.number());
/** A level's name goes into the names of trials, and so of files; "+" stands between kernels. */
const level = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, "is no level of a setting");
/** A level of a factor. */
export const setting = z.union([level, z.number()]);
/** A factor's name, or that of a workload's parameter. */
export const factor = z.string().regex(
  /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$/,
  "is no name of a factor",
);

/** Its form. */
export const trialEntry = z.strictObject({
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
  /** What disturbed a trial that was measured in time, a sentence each; absent where nothing did. */
  disturbed: z.array(text).optional(),
});

/** One trial of run.json. Paths are relative to the run's folder. */
export type TrialEntry = z.infer<typeof trialEntry>;

/** Where a trial's records lie in a run's folder. */
export function recordsPath(id: string): string {
  return `trials/${id}.jsonl`;
}
