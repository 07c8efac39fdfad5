import { engineKind, writeReport } from "../analysis/mod.ts";
import { findRun } from "../bench/run_folder.ts";
import { parseVerb } from "./arguments.ts";
import { LabError } from "../base/errors.ts";

const usage = "Usage: ./lab report RUN [--engine wasm|native]";

/**
 * `lab report RUN`: the report anew, from the records that are there. Records that are broken are
 * named and left out, and the exit status says so.
 */
export async function report(args: readonly string[]): Promise<number> {
  const { _: [named, ...rest], engine } = parseVerb(args, {
    string: ["_", "engine"],
    default: { engine: "wasm" },
  }, usage);
  if (named === undefined || rest.length > 0) {
    throw new LabError("Cannot report: name one run", usage);
  }
  const { index, problems } = await writeReport(await findRun(String(named)), engineKind(engine));
  for (const { message } of problems) console.error(message);
  console.log(index);
  return problems.length === 0 ? 0 : 2;
}
