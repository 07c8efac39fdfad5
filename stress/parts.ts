// SPDX-License-Identifier: Apache-2.0
/** The parts of `lab stress`. */
export const stressParts = [
  "notifiers",
  "merging",
  "races",
  "guests",
  "debug",
  "selftests",
] as const;

export type StressPart = typeof stressParts[number];

/** One line of the result. */
export interface StressLine {
  part: StressPart;
  what: string;
  passed: boolean;
  /** What was seen. */
  seen: string;
}
