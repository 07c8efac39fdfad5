// SPDX-License-Identifier: Apache-2.0
/** Carries out trials in which something goes wrong, as a run does. */
import { join } from "@std/path";
import type { Experiment } from "../../bench/experiment.ts";
import { plan } from "../../bench/plan.ts";
import type { Display } from "../../bench/progress.ts";
import { RunFolder, waitingEntry } from "../../bench/run_folder.ts";
import { schedule } from "../../bench/schedule.ts";
import type { TrialEntry } from "../../contract/run_file.ts";
import { madeUpRun } from "../../contract/testdata/run_file.ts";
import type { Trial } from "../../contract/trial.ts";
import type { EmulatedHost } from "../../hosts/emulated/host.ts";
import { sharedFleet } from "../../hosts/fleets/shared.ts";
import { type Fault, faults } from "./faults.ts";

const display: Display = { say: () => {}, draw: () => {}, close: () => {} };

/** The trials of some experiments, each with another number behind its name. */
export function trialsOf(experiments: readonly Experiment[], host: EmulatedHost): Trial[] {
  return experiments.flatMap((one) => plan(one, (settings) => host.inputsOf(settings)));
}

/**
 * Carries them all out, in order.
 *
 * @param dir where the run's folder goes
 * @returns how each ended; how long it took is printed.
 */
export async function carryOutAll(
  trials: readonly Trial[],
  host: EmulatedHost,
  dir: string,
  slots: number,
): Promise<TrialEntry[]> {
  /* A run that has drifted keeps nothing for others. */
  const record = madeUpRun({ run: "faults", drift: true, trials: trials.map(waitingEntry) });
  const folder = await RunFolder.create(record, join(dir, `run-${crypto.randomUUID()}`));
  await schedule(trials, folder, {
    ...{ fleet: sharedFleet(host, slots), display, signal: new AbortController().signal },
    onEnded: (entry) => {
      const [first = ""] = (entry.reason ?? "").split("\n");
      console.log(`${faultOf(entry)}: ${entry.status} after ${entry.wall_s} s: ${first}`);
      return Promise.resolve();
    },
  });
  return folder.record.trials;
}

/** What went wrong with a trial. */
export function faultOf({ settings }: Pick<TrialEntry, "settings">): Fault {
  const number = settings["workload.fault"];
  return (Object.keys(faults) as Fault[]).find((name) => faults[name] === number)!;
}
