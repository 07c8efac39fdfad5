// SPDX-License-Identifier: Apache-2.0
/** Trials that need not be carried out, because the same trial has been measured before. */
import type { Report } from "../base/report.ts";
import type { Trial } from "../contract/trial.ts";
import { writeRecords } from "./records.ts";
import type { RunFolder } from "./run_folder.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import { findTrial, type StoredTrial } from "./trial_store.ts";

/**
 * Takes what is known already into the run, and says so.
 *
 * A run that was asked to be fresh only takes what it had measured itself before it was
 * interrupted; a drifted run takes nothing.
 *
 * @returns the trials that are left to be carried out.
 */
export async function reuseTrials(
  folder: RunFolder,
  trials: readonly Trial[],
  report: Report,
): Promise<Trial[]> {
  const { record } = folder;
  if (record.drift || record.mode !== "exact") return [...trials];
  const left: Trial[] = [];
  const sources = new Set<string>();
  for (const trial of trials) {
    const stored = await findTrial(trial, report);
    if (stored === undefined || (record.fresh && stored.origin.run !== record.run)) {
      left.push(trial);
      continue;
    }
    const entry = folder.entry(trial.id);
    await take(folder, entry, stored);
    sources.add(stored.origin.run);
    report(`${trial.id}: reused from ${stored.origin.run}, ${stored.digest.slice(0, 12)}`);
  }
  const reused = trials.length - left.length;
  if (reused > 0) {
    await folder.save();
    report(
      `${reused} of ${record.trials.length} trials were measured before, in ` +
        `${[...sources].join(", ")}; with --fresh all are measured anew`,
    );
  }
  return left;
}

async function take(folder: RunFolder, entry: TrialEntry, stored: StoredTrial): Promise<void> {
  const { records, digest, origin } = stored;
  await writeRecords(folder.recordsPath(entry), records, true);
  entry.status = "done";
  entry.reason = null;
  entry.digest = digest;
  entry.wall_s = origin.wall_s;
  entry.phases_wall_s = origin.phases_wall_s;
  entry.instructions = origin.instructions;
  entry.reused_from = origin.run === folder.record.run ? null : origin.run;
}
