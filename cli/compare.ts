// SPDX-License-Identifier: Apache-2.0
import { basename, join } from "@std/path";
import {
  compareWithFirst,
  type Comparison,
  comparisonPage,
  comparisonText,
  parseCondition,
  violationsOf,
} from "../analysis/mod.ts";
import { isPack, referenceName } from "../packs/names.ts";
import { withNamedRun } from "../packs/named_run.ts";
import { reportsDir } from "../bench/run_folder.ts";
import { writeAtomically } from "../base/files.ts";

export interface CompareRequest {
  /** Names, folders, packs, or the reference: the first is held against each of the others. */
  runs: readonly string[];
  /** Conditions that must not hold; without any, no number may differ. */
  failOn: readonly string[];
  json: boolean;
}

/**
 * `lab compare A B...`: tables on the screen and a page in reports/.
 *
 * @throws {LabError} if a condition is none, or a run cannot be compared.
 * @returns 1 when a condition holds or, without conditions, when any number of any pair of trials
 * differs; 0 otherwise.
 */
export async function compare({ runs, failOn, json }: CompareRequest): Promise<number> {
  const conditions = failOn.map(parseCondition);
  const comparisons = await withRuns(
    runs,
    (folders) => compareWithFirst(folders, runs.map(calledOf)),
  );
  const violations = comparisons.flatMap((comparison) =>
    conditions.flatMap((condition) => violationsOf(condition, comparison))
  );
  const name = pageName(comparisons);
  await writeAtomically(join(reportsDir, name), await comparisonPage(comparisons));
  const [first, ...others] = comparisons;
  if (json) console.log(JSON.stringify(others.length === 0 ? first : comparisons));
  else console.log(comparisons.map(comparisonText).join("\n\n"));
  console.error(`Page: reports/${name}`);
  for (const violation of violations) console.error(`Failed: ${violation}`);
  if (conditions.length > 0) return violations.length === 0 ? 0 : 1;
  return comparisons.every(({ equal }) => equal) ? 0 : 1;
}

/** The reference and packs go by what they were named; a pack's folder is nobody else's business. */
function calledOf(name: string): string | undefined {
  return name === referenceName || isPack(name) ? basename(name) : undefined;
}

/** Folders of all the runs at once, for as long as `use` takes. */
async function withRuns<T>(
  names: readonly string[],
  use: (folders: string[]) => Promise<T>,
  folders: string[] = [],
): Promise<T> {
  const [name, ...others] = names;
  if (name === undefined) return await use(folders);
  return await withNamedRun(name, (folder) => withRuns(others, use, [...folders, folder]));
}

/** A run may come from someone else, and with it the name it gives itself. */
function pageName(comparisons: readonly Comparison[]): string {
  const runs = [comparisons[0]!.a.run, ...comparisons.map(({ b }) => b.run)];
  return `compare-${runs.map((run) => run.replace(/[^\w.-]/g, "_")).join("-")}.html`;
}
