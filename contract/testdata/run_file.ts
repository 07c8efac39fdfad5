// SPDX-License-Identifier: Apache-2.0
/** A made-up run.json for tests. */
import { recordsPath, type RunFile, runFormat, type TrialEntry } from "../run_file.ts";

/** A run without trials, unless they are given. */
export function madeUpRun(changes: Partial<RunFile> = {}): RunFile {
  return {
    ...{ format: runFormat, run: "r", mode: "exact", host: "emulated" },
    experiment: { name: "x", title: "X", question: "Why?", factors: {}, phases: ["boot", "end"] },
    ...{ started: "2026-01-01T00:00:00Z", finished: "2026-01-01T00:05:00Z", command: ["run", "x"] },
    ...{ git: null, inputs: {}, drift: false, versions: {}, machine: {}, names: null },
    ...{ jobs: 1, fresh: false, timings_s: {}, digest: null, trials: [] },
    ...changes,
  };
}

/** A trial of it that is done. */
export function madeUpEntry(id: string, settings: TrialEntry["settings"]): TrialEntry {
  return {
    ...{
      id,
      identity: "",
      block: 0,
      settings,
      status: "done",
      reason: null,
      records: recordsPath(id),
    },
    ...{ digest: null, wall_s: null, phases_wall_s: {}, instructions: null, reused_from: null },
  };
}

/** The record of a host in which an executed instruction takes 8 ticks of 1 ns. */
export const MADE_UP_HOST = {
  ...{ arch: "x86_64", vendor: "svm", kernel: "6.1.0", cpus: 1, page_bytes: 4096 },
  ...{ tick_hz: 1_000_000_000, ticks_an_instruction: 8 },
} as const;
