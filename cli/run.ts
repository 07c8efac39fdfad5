// SPDX-License-Identifier: Apache-2.0
/** `lab run`: the end of a run in one line. */
import type { RunRequest } from "../bench/request.ts";
import { runExperiment } from "../bench/run.ts";
import type { RunFolder } from "../bench/run_folder.ts";

/** What is asked for, and how the result is to be said. */
export interface RunVerbRequest {
  run: RunRequest;
  /** The result as JSON on standard output. */
  json: boolean;
}

/** @returns the exit status: 0, or 1 when a trial failed. */
export async function run({ run, json }: RunVerbRequest): Promise<number> {
  return conclude(await runExperiment(run), json);
}

function conclude({ record }: RunFolder, json: boolean): number {
  const failed = record.trials.filter(({ status }) => status !== "done").length;
  const { run, digest, trials } = record;
  const reused = trials.filter(({ reused_from }) => typeof reused_from === "string").length;
  console.error(`Report: reports/${run}/index.html`);
  if (json) console.log(JSON.stringify({ run, trials: trials.length, failed, reused, digest }));
  else {
    const known = reused === 0 ? "" : ` (${reused} reused)`;
    console.log(
      `${run}: ${trials.length - failed} done${known}, ${failed} failed, digest ${digest}`,
    );
  }
  return failed === 0 ? 0 : 1;
}
