// SPDX-License-Identifier: Apache-2.0
/** What verbs need that build or measure. */
import type { Needs } from "./verb.ts";

/** Of whatever builds parts, and carries trials out on them. */
export const building: Needs = {
  packages: ["debian"],
  emulates: true,
  run: true,
  system: ["statfs"],
  variables: ["terminal", "cache", "programs"],
  write: ["cache"],
};

/** Of whatever makes a run of it: that has a folder, says on which machine it was made, and is analysed. */
export const running: Needs = {
  ...building,
  system: ["statfs", "osRelease", "systemMemoryInfo", "cpus"],
  write: ["cache", "reports"],
};
