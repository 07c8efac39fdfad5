// SPDX-License-Identifier: Apache-2.0
/** Which runs may be compared digit by digit. */

/** What decides it, as run.json has it. */
export interface Comparable {
  /** Its name. */
  run: string;
  /** "exact" or "hardware". */
  mode: string;
  /** Whether another version took the place of a locked source. */
  drift?: boolean | undefined;
}

/**
 * Why a run's numbers must not be compared digit by digit, in words, or nothing when they may be.
 */
export function inexactBecause({ run, mode, drift }: Comparable): string | undefined {
  if (mode !== "exact") return `${run} was measured on hardware`;
  if (drift === true) {
    return `${run} has drifted: a locked source was gone, and another version took its place`;
  }
  return undefined;
}
