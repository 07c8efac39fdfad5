// SPDX-License-Identifier: Apache-2.0
/** `lab run`: what it would take, or the run with its finding at the end. */
import { join } from "@std/path";
import { summaryLines, type SummaryRow } from "../analysis/mod.ts";
import { LabError } from "../base/errors.ts";
import { reportToStderr, setTalk, type Talk } from "../base/report.ts";
import { isColoured } from "../base/terminal.ts";
import { requireWritable } from "../base/writable.ts";
import type { Experiment } from "../bench/experiment.ts";
import type { RunRequest } from "../bench/request.ts";
import { readAsked, runExperiment } from "../bench/run.ts";
import { reportsDir, type RunFolder } from "../bench/run_folder.ts";
import { openReport } from "./open_report.ts";
import { forecastOf, mayBegin, planLines } from "./run_plan.ts";
import { summaryIn } from "./runs.ts";

/** What is asked for, and how the result is to be said. */
export interface RunVerbRequest {
  run: RunRequest;
  /** Say what it would take, and leave it. */
  plan: boolean;
  /** However long it takes. */
  yes: boolean;
  talk: Talk;
  /** Open the report in the browser. */
  open: boolean;
  /** The result as JSON on standard output. */
  json: boolean;
}

/** @returns the exit status: 0, or 1 when a trial failed. */
export async function run(
  { run, plan, yes, talk, open, json }: RunVerbRequest,
): Promise<number> {
  setTalk(talk);
  if (run.resume === undefined) {
    const experiment = await readAsked(run);
    if (plan) return await say(experiment, run, json);
    sayWhatIsLeftOut(experiment);
    await requireWritable(reportsDir, `run ${experiment.name}`);
    if (!await mayBegin(experiment, run, yes)) throw new LabError("Nothing was run");
  }
  const folder = await runExperiment(run);
  const status = await conclude(folder, json);
  if (open) await openReport(join(folder.dir, "index.html"));
  return status;
}

async function say(experiment: Experiment, run: RunRequest, json: boolean): Promise<number> {
  const { name } = experiment;
  const asked = await forecastOf(experiment, run);
  if (json) console.log(JSON.stringify({ experiment: name, ...asked }));
  else for (const line of planLines(name, asked)) console.log(line);
  return 0;
}

/** Nobody should learn from the report that there is nothing to compare. */
function sayWhatIsLeftOut({ factors: { arm = [] } }: Experiment): void {
  if (arm.length > 1) return;
  reportToStderr(
    `One arm alone, ${arm.join()}: nothing is compared. With --set arm=off,on both are run`,
    "warning",
  );
}

/** The finding, and the run in one line. */
export async function conclude({ record, dir }: RunFolder, json: boolean): Promise<number> {
  const { run, digest, trials } = record;
  const count = (status: string) => trials.filter((trial) => trial.status === status).length;
  const [done, failed, waiting] = [count("done"), count("failed"), count("waiting")];
  const reused = trials.filter(({ reused_from }) => typeof reused_from === "string").length;
  const finding: SummaryRow[] = await summaryIn(dir) ?? [];
  reportToStderr(`Report: reports/${run}/index.html`);
  if (waiting > 0) {
    reportToStderr(
      `Stopped as a trial failed (--strict); ${waiting} wait. To go on: ./lab run --resume ${run}`,
      "warning",
    );
  }
  if (json) {
    console.log(
      JSON.stringify({ run, trials: trials.length, failed, waiting, reused, digest, finding }),
    );
  } else {
    if (finding.length > 0) {
      const lines = summaryLines(finding, { colour: isColoured(Deno.stdout) });
      console.log(`\n${lines.join("\n")}\n`);
    }
    const known = reused === 0 ? "" : ` (${reused} reused)`;
    const left = waiting === 0 ? "" : `${waiting} waiting, `;
    console.log(
      `${run}: ${done} done${known}, ${failed} failed, ${left}digest ${digest ?? "none yet"}`,
    );
  }
  return failed + waiting === 0 ? 0 : 1;
}
