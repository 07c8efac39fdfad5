// SPDX-License-Identifier: Apache-2.0
import { type EngineKind, writeReport } from "../analysis/mod.ts";
import { findRun } from "../bench/run_folder.ts";

export interface ReportRequest {
  run: string;
  engine: EngineKind;
}

/**
 * `lab report RUN`: the report anew, from the records that are there. Records that are broken are
 * named and left out, and the exit status says so.
 */
export async function report({ run, engine }: ReportRequest): Promise<number> {
  const { index, problems } = await writeReport(await findRun(run), engine);
  for (const { message } of problems) console.error(message);
  console.log(index);
  return problems.length === 0 ? 0 : 2;
}
