// SPDX-License-Identifier: Apache-2.0
/** What verbs need that build or measure. */
import { isPack, referenceName } from "../packs/names.ts";
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

/** Of whatever opens runs by their names: packs and the reference are unpacked into the cache. */
export function opening(names: readonly string[]): Needs {
  if (!names.some((name) => isPack(name) || name === referenceName)) return {};
  return {
    ...{ write: ["cache"], run: true, system: ["cpus", "statfs"] },
    variables: ["cache", "programs"],
  };
}

/** All that several need. What only one of them says holds. */
export function together(...several: readonly Needs[]): Needs {
  const lists = (["packages", "write", "system", "variables"] as const).flatMap((key) => {
    const all = [...new Set(several.flatMap((needs): readonly string[] => needs[key] ?? []))];
    return all.length === 0 ? [] : [[key, all]];
  });
  return Object.assign({}, ...several, Object.fromEntries(lists));
}
