import { writeReport } from "../analysis/mod.ts";
import { parseVerb } from "../support/arguments.ts";
import { LabError } from "../support/errors.ts";
import { runFolder } from "./runs.ts";

const usage = "Usage: ./lab report RUN";

/** `lab report RUN`: the report anew, from the records that are there. */
export async function report(args: readonly string[]): Promise<number> {
  const { _: [named, ...rest] } = parseVerb(args, { string: ["_"] }, usage);
  if (named === undefined || rest.length > 0) {
    throw new LabError("Cannot report: name one run", usage);
  }
  const { index, problems } = await writeReport(await runFolder(String(named)));
  for (const { message } of problems) console.error(`Warning: ${message}`);
  console.log(index);
  return problems.length === 0 ? 0 : 1;
}
