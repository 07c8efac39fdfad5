// SPDX-License-Identifier: Apache-2.0
/** Marks trials that were disturbed while time was measured: they count, and nobody overlooks it. */
import { disturbancesIn, remedy } from "../contract/disturbances.ts";
import type { TrialEntry } from "../contract/run_file.ts";

/** Writes into a trial's entry what disturbed it. @returns the same, a sentence each */
export function markDisturbed(entry: TrialEntry, records: Uint8Array): string[] {
  const disturbed = disturbancesIn(records);
  if (disturbed.length > 0) entry.disturbed = disturbed;
  return disturbed;
}

/** What is said of that on the terminal, where it happens. */
export function disturbedInWords(id: string, host: string, disturbed: readonly string[]): string {
  return `Warning: ${id} was disturbed on ${host}: ${disturbed.join("; ")}. ${remedy}`;
}
