// SPDX-License-Identifier: Apache-2.0
/** Which run is meant by what a person types: a name, the beginning of one, or the newest. */
import { LabError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest_word.ts";

/** Stands for the run that was begun last. */
export const latestName = "latest";

/** So many names fit into a message. */
const mostListed = 8;

/** Names of runs by when they were begun, the newest first; those without a time stand last. */
export function newestFirst(names: readonly string[]): string[] {
  const begun = (name: string): string => {
    const [, stamp = "", again = "1"] = /-(\d{8}-\d{6})(?:-(\d+))?$/.exec(name) ?? [];
    return `${stamp} ${again.padStart(6, "0")}`;
  };
  return names.toSorted((a, b) => begun(b).localeCompare(begun(a)) || a.localeCompare(b));
}

/**
 * The run that is meant.
 *
 * @param names of all runs there are
 * @throws {LabError} when none is meant, or more than one could be.
 */
export function chosenRun(typed: string, names: readonly string[]): string {
  const ordered = newestFirst(names);
  const [newest] = ordered;
  if (newest === undefined) {
    throw new LabError(
      `Cannot find the run "${typed}": there are no runs yet`,
      "./lab run smoke makes one; the committed one is called reference",
    );
  }
  if (typed === latestName) return newest;
  const meant = typed === "" ? [] : ordered.filter((name) => name.startsWith(typed));
  if (meant.length === 1) return meant[0]!;
  if (meant.length > 1) {
    throw new LabError(
      `Cannot tell which run "${typed}" is: ${meant.length} begin like that`,
      `The newest of them: ${listed(meant)}`,
    );
  }
  const near = nearestWord(typed, [...ordered, latestName, "reference"]);
  throw new LabError(
    `Cannot find the run "${typed}": there is no reports/${typed}/run.json`,
    near === undefined ? `Runs: ${listed(ordered)}` : `Did you mean "${near}"?`,
  );
}

function listed(names: readonly string[]): string {
  const more = names.length > mostListed ? ", ..." : "";
  return names.slice(0, mostListed).join(", ") + more;
}
