// SPDX-License-Identifier: Apache-2.0
import { type EngineKind, formatJson, formatTable, runQuery } from "../analysis/mod.ts";
import { findRun } from "../bench/run_folder.ts";

export interface QueryRequest {
  run: string;
  /** The name of a question, or SQL. */
  question: string;
  json: boolean;
  engine: EngineKind;
}

/** `lab query RUN SQL [--json]`. Broken records are named, left out, and end in status 2. */
export async function query({ run, question, json, engine }: QueryRequest): Promise<number> {
  const answer = await runQuery(await findRun(run), question, { engine });
  for (const problem of answer.problems) console.error(problem);
  console.log(json ? formatJson(answer) : formatTable(answer));
  return answer.problems.length === 0 ? 0 : 2;
}
