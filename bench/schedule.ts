/** Carries out the trials of a run on this machine, several at a time, and keeps each result. */
import { pooledMap } from "@std/async";
import { cacheRoot, withScratch } from "../store/cache.ts";
import { LabError, machineError } from "../base/errors.ts";
import { requireSpace } from "../base/files.ts";
import { runEmulated, type TrialParts } from "../hosts/emulated/emulated.ts";
import type { HostOutcome } from "../hosts/emulated/boot.ts";
import type { Trial } from "./plan.ts";
import type { Display, Progress, TrialProgress } from "./progress.ts";
import { writeRecords } from "./records.ts";
import type { RunFolder, TrialEntry } from "./run_folder.ts";
import { keepTrial } from "./trial_store.ts";

export interface ScheduleOptions {
  jobs: number;
  partsOf: (trial: Trial) => TrialParts;
  display: Display;
  signal: AbortSignal;
  /** Called when a trial has ended and run.json says so. */
  onEnded: (entry: TrialEntry) => Promise<void>;
}

/** The image with its plan, the shared memory and the logs of one trial. */
const scratchRoom_mib = 250;

const redrawEvery_ms = 1000;

/** Runs all trials. Failed ones are recorded as such and do not stop the others. */
export async function schedule(
  trials: readonly Trial[],
  folder: RunFolder,
  options: ScheduleOptions,
): Promise<void> {
  const { jobs, display, signal } = options;
  await requireSpace(folder.dir, 20 + 5 * trials.length, "keep the records of this run");
  await requireSpace(cacheRoot(), scratchRoom_mib * jobs, "run trials");
  const running = new Map<string, TrialProgress>();
  const state = { total: trials.length, done: 0, failed: 0, began_ms: performance.now() };
  const draw = () => display.draw({ ...state, running: [...running.values()] } as Progress);
  const ticking = setInterval(draw, redrawEvery_ms);
  try {
    const results = pooledMap(jobs, trials, async (trial) => {
      if (signal.aborted) return;
      const entry = folder.record.trials.find(({ id }) => id === trial.id)!;
      const progress = { id: trial.id, phase: "start", began_ms: performance.now(), detail: "" };
      running.set(trial.id, progress);
      draw();
      await runOne(trial, entry, folder, progress, options, draw);
      running.delete(trial.id);
      if (entry.status === "done") state.done++;
      else if (entry.status === "failed") state.failed++;
      await folder.save();
      display.say(summaryOf(entry));
      draw();
      if (!signal.aborted) await options.onEnded(entry);
    });
    for await (const _ of results);
  } finally {
    clearInterval(ticking);
    display.close();
  }
}

async function runOne(
  trial: Trial,
  entry: TrialEntry,
  folder: RunFolder,
  progress: TrialProgress,
  { partsOf, signal, display }: ScheduleOptions,
  draw: () => void,
): Promise<void> {
  const watch = new PhaseWatch(entry, progress, draw);
  await withScratch(scratchName(trial), async (scratch) => {
    const outcome = await runEmulated(
      trial,
      partsOf(trial),
      scratch,
      (lines) => watch.see(lines),
      signal,
    );
    watch.end();
    if (outcome.failure === "interrupted") return;
    entry.wall_s = Math.round(performance.now() - progress.began_ms) / 1000;
    entry.instructions = outcome.instructions ?? null;
    /* The store first: it may lie on another disk than the run, should that be full. */
    const failure = outcome.failure ?? await keepForReuse(trial, entry, folder, outcome, display);
    const { digest } = await writeRecords(
      folder.recordsPath(entry),
      outcome.records,
      failure === undefined,
    );
    entry.status = failure === undefined ? "done" : "failed";
    entry.reason = failure ?? null;
    entry.digest = failure === undefined ? digest : null;
  });
}

/** @returns why the trial is not to be trusted, or nothing. */
async function keepForReuse(
  trial: Trial,
  { wall_s, phases_wall_s, instructions }: TrialEntry,
  { record }: RunFolder,
  { records }: HostOutcome,
  display: Display,
): Promise<string | undefined> {
  if (record.drift || record.mode !== "exact") return undefined;
  const finished = new Date().toISOString();
  const origin = { run: record.run, finished, wall_s, phases_wall_s, instructions };
  try {
    const difference = await keepTrial(trial, records, origin, (line) => display.say(line));
    return difference === undefined
      ? undefined
      : `the same trial gave other records before, which an exact one never does: ${difference}`;
  } catch (error) {
    const reason = error instanceof LabError ? error : machineError(error);
    if (reason === undefined) throw error;
    display.say(`Warning: ${trial.id} cannot be kept for other runs: ${reason.message}`);
    return undefined;
  }
}

/** Another lab process may carry out the same trial at the same time. */
export function scratchName({ id }: Trial): string {
  return `${id}-${crypto.randomUUID().slice(0, 8)}`;
}

/** Follows the records to know the phase, and how much wall time each took. */
class PhaseWatch {
  #since_ms = performance.now();
  #phase = "start";

  constructor(
    readonly entry: TrialEntry,
    readonly progress: TrialProgress,
    readonly draw: () => void,
  ) {}

  see(lines: string): void {
    for (const line of lines.split("\n")) {
      if (line.includes('"kind":"phase"') && line.includes('"event":"begin"')) {
        this.end();
        this.#phase = (JSON.parse(line) as { phase: string }).phase;
        this.progress.phase = this.#phase;
        this.progress.detail = "";
        this.draw();
      } else if (line.includes('"kind":"ksm"') && this.#phase.endsWith("merge")) {
        const { full_scans, pages_sharing } = JSON.parse(line) as Record<string, number>;
        this.progress.detail = `${pages_sharing} pages sharing after ${full_scans} scans`;
      }
    }
  }

  end(): void {
    const now_ms = performance.now();
    const seconds = (now_ms - this.#since_ms) / 1000;
    const before = this.entry.phases_wall_s[this.#phase] ?? 0;
    this.entry.phases_wall_s[this.#phase] = Math.round((before + seconds) * 1000) / 1000;
    this.#since_ms = now_ms;
  }
}

function summaryOf({ id, status, reason, wall_s, digest, instructions }: TrialEntry): string {
  if (status === "done") {
    const speed = instructions === null || !wall_s
      ? ""
      : ` at ${Math.round(instructions / wall_s / 1e6)} million instructions/s`;
    return `${id}: done in ${wall_s} s${speed}, ${digest!.slice(0, 12)}`;
  }
  if (status === "failed") return `${id}: FAILED after ${wall_s} s: ${reason}`;
  return `${id}: interrupted`;
}
