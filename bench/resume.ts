// SPDX-License-Identifier: Apache-2.0
/** Going on with a run that was interrupted: what is whole is kept, what is not is done again. */
import { sha256 } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import type { Report } from "../base/report.ts";
import type { Inputs, Trial } from "../contract/trial.ts";
import { markDisturbed } from "./disturbed.ts";
import { inputChanges, inWords } from "./input_changes.ts";
import { readClosedRecords } from "./records.ts";
import { type RunFolder, waitAgain } from "./run_folder.ts";
import type { TrialEntry } from "../contract/run_file.ts";

/**
 * The trials of a run that are still to be done. Entries of those whose records are missing or
 * damaged are named and set back to waiting.
 *
 * @throws {LabError} when a trial would not be the same trial any more; names the inputs that
 * have changed.
 */
export async function remainingTrials(
  folder: RunFolder,
  trials: readonly Trial[],
  inputs: Inputs,
  report: Report,
): Promise<Trial[]> {
  const { record } = folder;
  const changed = inputChanges(record.inputs, inputs).map(inWords);
  requireSameTrials(record.run, record.trials, trials, changed);
  const remaining: Trial[] = [];
  for (const trial of trials) {
    const entry = folder.entry(trial.id);
    const records = await readClosedRecords(folder.recordsPath(entry));
    const digest = records === undefined ? undefined : sha256(records);
    const { status } = entry;
    if (status === "done" && digest === entry.digest) continue;
    waitAgain(entry, trial);
    if (status === "waiting" && records !== undefined && digest !== undefined) {
      /* The lab was killed after it wrote the records and before it said so. */
      Object.assign(entry, { status: "done", digest });
      markDisturbed(entry, records);
      continue;
    }
    if (status === "done") {
      const damage = digest === undefined
        ? "is missing, unfinished or damaged"
        : "holds other records than run.json says";
      report(`${entry.records} ${damage}: ${entry.id} is done again`, "warning");
    }
    remaining.push(trial);
  }
  await folder.save();
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
