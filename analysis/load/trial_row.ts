// SPDX-License-Identifier: Apache-2.0
import type { TrialEntry } from "../../contract/run_file.ts";
import { settingCells } from "../../contract/setting_columns.ts";
import type { Row } from "../engine/arrow.ts";

/** What run.json says of a trial. A setting that is not of its column's type is NULL there. */
export function trialRow(entry: TrialEntry, trialNumber: number, condition: string): Row {
  const { id: trial, identity, block, settings, digest, wall_s, instructions } = entry;
  const sorted = Object.entries(settings).sort(([a], [b]) => a < b ? -1 : 1);
  return {
    ...{ trial, trial_number: trialNumber, identity, block, condition },
    ...settingCells(settings),
    settings: JSON.stringify(Object.fromEntries(sorted)),
    ...{ status: entry.status, reason: entry.reason, digest, wall_s, instructions },
  };
}
