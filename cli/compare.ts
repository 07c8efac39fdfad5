import { join } from "@std/path";
import { compareRuns, comparisonPage, comparisonText } from "../analysis/mod.ts";
import { withNamedRun } from "../packs/named_run.ts";
import { reportsDir } from "../bench/run_folder.ts";
import { parseVerb } from "./arguments.ts";
import { LabError } from "../base/errors.ts";
import { writeAtomically } from "../base/files.ts";

const usage = "Usage: ./lab compare RUN RUN [--json]; each may be a pack, or `reference`";

/**
 * `lab compare A B`: a table on the screen and a page in reports/.
 *
 * @returns 0 when every number of every pair of trials is the same, 1 when any differs.
 */
export async function compare(args: readonly string[]): Promise<number> {
  const { _: [a, b, ...rest], json } = parseVerb(args, { boolean: ["json"], string: ["_"] }, usage);
  if (a === undefined || b === undefined || rest.length > 0) {
    throw new LabError("Cannot compare: name two runs", usage);
  }
  const comparison = await withNamedRun(
    String(a),
    (left) => withNamedRun(String(b), (right) => compareRuns(left, right)),
  );
  const name = `compare-${fileName(comparison.a.run)}-${fileName(comparison.b.run)}.html`;
  await writeAtomically(join(reportsDir, name), await comparisonPage(comparison));
  console.log(json === true ? JSON.stringify(comparison) : comparisonText(comparison));
  console.error(`Page: reports/${name}`);
  return comparison.equal ? 0 : 1;
}

/** A run may come from someone else, and with it the name it gives itself. */
function fileName(run: string): string {
  return run.replace(/[^\w.-]/g, "_");
}
