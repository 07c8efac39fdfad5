// SPDX-License-Identifier: Apache-2.0
/** The parts of `lab stress`. */
export const stressParts = [
  "notifiers",
  "merging",
  "flushes",
  "races",
  "guests",
  "debug",
  "selftests",
  "soak",
] as const;

/** It is of the lab rather than of the kernel, goes on for as long as one likes, and has to be named. */
export const namedOnly = "soak";

export type StressPart = typeof stressParts[number];

/** One line of the result. */
export interface StressLine {
  part: StressPart;
  what: string;
  passed: boolean;
  /** What was seen. */
  seen: string;
}
