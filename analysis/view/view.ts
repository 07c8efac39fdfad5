// SPDX-License-Identifier: Apache-2.0
import { readRuns } from "./runs.ts";
import { serve, type Served } from "./server.ts";
import { openSite } from "./site.ts";

/** A page about some runs. */
export interface View extends Served {
  /** What the page leaves out: trials whose records cannot be trusted. */
  problems: string[];
}

/**
 * Reads runs and serves a page on which their tables can be asked in SQL.
 *
 * @param port 0 takes any that is free
 * @throws {LabError} If a folder holds no run, or the port is taken.
 */
export async function viewRuns(
  folders: readonly string[],
  { port, signal }: { port: number; signal: AbortSignal },
): Promise<View> {
  const runs = await readRuns(folders);
  const served = serve(await openSite(runs), port, signal);
  return { ...served, problems: runs.problems };
}
