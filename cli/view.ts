// SPDX-License-Identifier: Apache-2.0
import { viewRuns } from "../analysis/mod.ts";
import { findRun } from "../bench/run_folder.ts";

export interface ViewRequest {
  runs: readonly string[];
  /** 0: any that is free. */
  port: number;
}

/**
 * `lab view RUN [RUN...]`: a page on this machine that asks the runs' tables, until Ctrl+C.
 */
export async function view({ runs, port }: ViewRequest): Promise<number> {
  const folders: string[] = [];
  for (const run of runs) folders.push(await findRun(run));

  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => ending.abort());
  }
  const { url, problems, finished } = await viewRuns(folders, {
    port,
    signal: ending.signal,
  });
  for (const problem of problems) console.error(problem);
  console.log(url);
  console.error("Open this address in a browser on this machine; Ctrl+C ends it");
  await finished;
  return 0;
}
