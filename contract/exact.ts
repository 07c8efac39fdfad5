// SPDX-License-Identifier: Apache-2.0
/** Which runs may be compared digit by digit. */

/** What decides it, as run.json has it. */
export interface Comparable {
  /** Its name. */
  run: string;
  /** As run.json has it: "exact", "hardware", "imported", "observed". */
  mode: string;
  /** Whether another version took the place of a locked source. */
  drift?: boolean | undefined;
}

/** Whether a run of this mode has no trials that the lab carried out. */
export function isOutside(mode: string): boolean {
  return mode === "imported" || mode === "observed";
}

/**
 * Why a run's numbers must not be compared digit by digit, in words, or nothing when they may be.
 */
export function inexactBecause({ run, mode, drift }: Comparable): string | undefined {
  if (isOutside(mode)) return `${run} was ${mode}, not measured by a trial`;
  if (mode !== "exact") return `${run} was measured on hardware`;
  if (drift === true) {
    return `${run} has drifted: a locked source was gone, and another version took its place`;
  }
  return undefined;
}
