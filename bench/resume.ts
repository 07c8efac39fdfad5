/** Going on with a run that was interrupted: what is whole is kept, what is not is done again. */
import { sha256 } from "../support/digest.ts";
import { LabError } from "../support/errors.ts";
import type { Trial } from "./plan.ts";
import { readClosedRecords } from "./records.ts";
import { type Input, type RunFolder, type TrialEntry, waitingEntry } from "./run_folder.ts";

/**
 * The trials of a run that are still to be done. Entries of those whose records are missing or
 * damaged are set back to waiting.
 *
 * @throws {LabError} when a trial would not be the same trial any more; names the inputs that
 * have changed.
 */
export async function remainingTrials(
  folder: RunFolder,
  trials: readonly Trial[],
  inputs: Readonly<Record<string, Input>>,
): Promise<Trial[]> {
  const { record } = folder;
  requireSameTrials(record.run, record.trials, trials, changedInputs(record.inputs, inputs));
  const remaining: Trial[] = [];
  for (const trial of trials) {
    const at = record.trials.findIndex(({ id }) => id === trial.id);
    const entry = record.trials[at]!;
    const records = await readClosedRecords(folder.recordsPath(entry));
    if (entry.status === "done" && records !== undefined && sha256(records) === entry.digest) {
      continue;
    }
    record.trials[at] = waitingEntry(trial);
    remaining.push(trial);
  }
  return remaining;
}

function requireSameTrials(
  run: string,
  before: readonly TrialEntry[],
  now: readonly Trial[],
  changed: readonly string[],
): void {
  const identities = new Set(now.map(({ identity }) => identity));
  if (before.length === now.length && before.every(({ identity }) => identities.has(identity))) {
    return;
  }
  throw new LabError(
    `Cannot go on with ${run}: its trials would not be the same. Changed: ` +
      (changed.join("; ") || "the format of trials"),
    "Check out the revision in its run.json, or make a new run",
  );
}

/** Inputs that are not what they were, in words. */
export function changedInputs(
  before: Readonly<Record<string, Input>>,
  now: Readonly<Record<string, Input>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
    .filter((name) => before[name]?.digest !== now[name]?.digest)
    .map((name) => `${name} (was ${shown(before[name])}, is ${shown(now[name])})`);
}

function shown(input: Input | undefined): string {
  return input === undefined ? "absent" : `${input.version} ${input.digest.slice(0, 12)}`;
}
