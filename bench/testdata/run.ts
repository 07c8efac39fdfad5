// SPDX-License-Identifier: Apache-2.0
/** For tests: a run of a few trials in a folder of its own, whose "measuring" is a line of text. */
import { join } from "@std/path";
import { withOwnCache } from "../../store/testdata/own_cache.ts";
import { checkExperiment, type Experiment } from "../experiment.ts";
import type { Trial } from "../../contract/trial.ts";
import { plan } from "../plan.ts";
import { writeRecords } from "../records.ts";
import { RunFolder, waitingEntry } from "../run_folder.ts";
import type { RunFile } from "../../contract/run_file.ts";
import { madeUpRun } from "../../contract/testdata/run_file.ts";
import { keepTrial } from "../trial_store.ts";

export const inputs = { kernel: { digest: "k", version: "6.1" } };

export function recordsFor({ id }: Trial, count = 1): Uint8Array {
  const line = JSON.stringify({ t_ns: 1, phase: "touch", kind: "exits", guest: 0, count, id });
  return new TextEncoder().encode(`${line}\n`);
}

export interface TestRun {
  folder: RunFolder;
  trials: Trial[];
  /** What was reported so far. */
  said: string[];
  report: (line: string) => void;
}

/** Gives a run that waits for its trials, two a seed, and an empty cache. */
export function withRun(
  test: (run: TestRun) => Promise<void>,
  changes: Partial<RunFile> = {},
  seeds = 1,
): Promise<void> {
  return withOwnCache(async () => {
    const experiment = await experimentOf(seeds);
    const trials = plan(experiment, () => ({ kernel: "k" }));
    const dir = await Deno.makeTempDir();
    const record = madeUpRun({
      ...{ run: "pair-2", experiment, command: ["run"], inputs, trials: trials.map(waitingEntry) },
      ...{ finished: null, ...changes },
    });
    const said: string[] = [];
    try {
      const folder = await RunFolder.create(record, join(dir, "pair-2"));
      await test({ folder, trials, said, report: (line) => said.push(line) });
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

/** Two arms and so many seeds: a block of two trials a seed. */
export function experimentOf(seeds: number): Promise<Experiment> {
  return checkExperiment("pair", {
    title: "t",
    question: "q",
    factors: {
      ...{ workload: "kernels", arm: ["off", "on"] },
      seed: Array.from({ length: seeds }, (_, at) => at + 1),
    },
  });
}

/** A trial ends, as `schedule()` ends it. */
export async function finish(folder: RunFolder, trial: Trial): Promise<void> {
  const entry = folder.record.trials.find(({ id }) => id === trial.id)!;
  const written = await writeRecords(folder.recordsPath(entry), recordsFor(trial), true);
  entry.status = "done";
  entry.digest = written.digest;
  await folder.save();
}

/** Another run has measured the trial. */
export function measureElsewhere(trial: Trial, run = "pair-1", count = 1) {
  const origin = {
    ...{ run, finished: "2026-01-01T00:00:00Z", wall_s: 10 },
    ...{ phases_wall_s: { boot: 4 }, instructions: 1_000 },
  };
  return keepTrial(trial, recordsFor(trial, count), origin, () => {});
}
