// SPDX-License-Identifier: Apache-2.0
/** The phases of a trial in the order in which they can stand. */
export const phaseNames = [
  "boot",
  "load",
  "settle",
  "grow",
  "merge",
  "census",
  "touch",
  "rewrite",
  "restore",
  "remerge",
  "end",
] as const;

/** The name of a phase. */
export type PhaseName = (typeof phaseNames)[number];
