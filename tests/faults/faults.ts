// SPDX-License-Identifier: Apache-2.0
/** What goes wrong in a trial of the tests: the numbers that guest/guest.c and saboteur/init.c know. */
export const faults = {
  none: 0,
  /* Of the last guest. */
  panicInLoad: 1,
  initEnds: 2,
  asleep: 3,
  spinning: 4,
  flood: 5,
  outOfMemory: 6,
  panicInMerge: 7,
  /** Not a fault of its own: all guests fill what memory they have, which is more than the host's. */
  hungry: 8,
  /** The last guest again: it works on after it has loaded. */
  restless: 9,
  guestWarns: 10,
  /* Of the host, from outside of the guests. */
  panicInBoot: 20,
  vmmKilled: 21,
  vmmStopped: 22,
  agentKilled: 23,
  warning: 24,
  hostHangs: 25,
} as const;

/** Name of a fault. */
export type Fault = keyof typeof faults;
