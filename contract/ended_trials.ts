// SPDX-License-Identifier: Apache-2.0
/**
 * ended.jsonl: trials of a run that have ended since run.json was written, a line each, appended. So
 * a trial's end costs a line and not the whole of run.json, which takes them in from time to time.
 * What cannot be read of it is left out: such a trial waits again, and its records are found by
 * their closing line.
 */
import { type Json, sha256OfJson } from "../base/digest.ts";
import { type TrialEntry, trialEntry } from "./trial_entry.ts";

/** Name of the file in a run's folder. */
export const endedName = "ended.jsonl";

/** A trial that has ended, as a line with a checksum. */
export function endedLine(entry: TrialEntry): string {
  return JSON.stringify({ ...entry, checksum: sha256OfJson(entry as Json) }) + "\n";
}

/** The trials with those in place that have ended since: the last line of each holds. */
export function withEnded(trials: readonly TrialEntry[], text: string): TrialEntry[] {
  const ended = new Map<string, TrialEntry>();
  for (const line of text.split("\n")) {
    const entry = entryIn(line);
    if (entry !== undefined) ended.set(entry.id, entry);
  }
  return trials.map((trial) => {
    const entry = ended.get(trial.id);
    const same = entry?.identity === trial.identity && entry.records === trial.records;
    return same ? entry : trial;
  });
}

function entryIn(line: string): TrialEntry | undefined {
  try {
    const { checksum, ...said } = JSON.parse(line);
    return checksum === sha256OfJson(said) ? trialEntry.safeParse(said).data : undefined;
  } catch {
    return undefined;
  }
}
