// SPDX-License-Identifier: Apache-2.0
import { viewRuns } from "../analysis/mod.ts";
import { withNamedRun } from "../packs/named_run.ts";

export interface ViewRequest {
  runs: readonly string[];
  /** 0: any that is free. */
  port: number;
}

/**
 * `lab view RUN [RUN...]`: a page on this machine that asks the runs' tables, until Ctrl+C.
 */
export async function view({ runs, port }: ViewRequest): Promise<number> {
  return await withAll(runs, (folders) => serve(folders, port));
}

/** Opens runs one within the other: those that are unpacked stay as long as they are viewed. */
async function withAll<T>(
  names: readonly string[],
  use: (folders: string[]) => Promise<T>,
): Promise<T> {
  const [name, ...others] = names;
  if (name === undefined) return await use([]);
  return await withNamedRun(
    name,
    (folder) => withAll(others, (folders) => use([folder, ...folders])),
  );
}

async function serve(folders: readonly string[], port: number): Promise<number> {
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
