// SPDX-License-Identifier: Apache-2.0
/** What of a run is not as it was written. */
import { sha256 } from "../base/digest.ts";
import { readClosedRecords } from "./records.ts";
import { runDigest, type RunFolder } from "./run_folder.ts";

export interface Damage {
  /** A trial's name, or the run's. */
  what: string;
  damage: string;
}

/** Checks the digests of all records, and the run's over them. */
export async function findDamage(folder: RunFolder): Promise<Damage[]> {
  const { record } = folder;
  const damages: Damage[] = [];
  for (const entry of record.trials) {
    if (entry.status !== "done") {
      damages.push({ what: entry.id, damage: `the trial is ${entry.status}` });
      continue;
    }
    const records = await readClosedRecords(folder.recordsPath(entry));
    if (records === undefined) {
      const damage = `${entry.records} is missing, unfinished or damaged`;
      damages.push({ what: entry.id, damage });
    } else if (sha256(records) !== entry.digest) {
      damages.push({ what: entry.id, damage: "its records are not those of run.json" });
    }
  }
  if (record.digest !== null && record.digest !== runDigest(record.trials)) {
    damages.push({ what: record.run, damage: "its digest is not that of its trials" });
  }
  return damages;
}
