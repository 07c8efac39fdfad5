import { engineKind, formatJson, formatTable, runQuery } from "../analysis/mod.ts";
import { findRun } from "../bench/run_folder.ts";
import { parseVerb } from "./arguments.ts";
import { LabError } from "../base/errors.ts";

const usage =
  'Usage: ./lab query RUN "SQL or the name of a question" [--json] [--engine wasm|native]';

/** `lab query RUN SQL [--json]`. Broken records are named, left out, and end in status 2. */
export async function query(args: readonly string[]): Promise<number> {
  const { _: words, json, engine } = parseVerb(args, {
    boolean: ["json"],
    string: ["_", "engine"],
    default: { engine: "wasm" },
  }, usage);
  const [named, sql, ...rest] = words;
  if (named === undefined || sql === undefined || rest.length > 0) {
    throw new LabError("Cannot query: name one run and one question", usage);
  }
  const answer = await runQuery(await findRun(String(named)), String(sql), {
    engine: engineKind(engine),
  });
  for (const problem of answer.problems) console.error(problem);
  console.log(json === true ? formatJson(answer) : formatTable(answer));
  return answer.problems.length === 0 ? 0 : 2;
}
