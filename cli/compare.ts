// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { compareRuns, comparisonPage, comparisonText } from "../analysis/mod.ts";
import { withNamedRun } from "../packs/named_run.ts";
import { reportsDir } from "../bench/run_folder.ts";
import { writeAtomically } from "../base/files.ts";

export interface CompareRequest {
  /** Names, folders, packs, or the reference. */
  runs: readonly [string, string];
  json: boolean;
}

/**
 * `lab compare A B`: a table on the screen and a page in reports/.
 *
 * @returns 0 when every number of every pair of trials is the same, 1 when any differs.
 */
export async function compare({ runs: [a, b], json }: CompareRequest): Promise<number> {
  const comparison = await withNamedRun(
    a,
    (left) => withNamedRun(b, (right) => compareRuns(left, right)),
  );
  const name = `compare-${fileName(comparison.a.run)}-${fileName(comparison.b.run)}.html`;
  await writeAtomically(join(reportsDir, name), await comparisonPage(comparison));
  console.log(json ? JSON.stringify(comparison) : comparisonText(comparison));
  console.error(`Page: reports/${name}`);
  return comparison.equal ? 0 : 1;
}

/** A run may come from someone else, and with it the name it gives itself. */
function fileName(run: string): string {
  return run.replace(/[^\w.-]/g, "_");
}
