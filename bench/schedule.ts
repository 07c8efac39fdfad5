// SPDX-License-Identifier: Apache-2.0
/** Carries out the trials of a run on the hosts of a fleet, and keeps each result. */
import { pooledMap } from "@std/async";
import { LabError, machineError } from "../base/errors.ts";
import { requireSpace } from "../base/files.ts";
import type { Trial } from "../contract/trial.ts";
import type { Fleet } from "../hosts/fleet.ts";
import type { Host, Outcome } from "../hosts/host.ts";
import { PhaseWatch } from "./phase_watch.ts";
import type { Display, Progress, TrialProgress } from "./progress.ts";
import { writeRecords } from "./records.ts";
import type { RunFolder } from "./run_folder.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import { keepTrial } from "./trial_store.ts";

export interface ScheduleOptions {
  fleet: Fleet;
  display: Display;
  signal: AbortSignal;
  /** Called when a trial has ended and run.json says so. */
  onEnded: (entry: TrialEntry) => Promise<void>;
}

/** A host can be lost through no fault of the trial's; three in a row are no accident. */
const mostHosts = 3;

const redrawEvery_ms = 1000;

/**
 * Runs all trials. Failed ones are recorded as such and do not stop the others.
 *
 * @throws {LabError} when trials cannot be begun or kept: no room, no host.
 */
export async function schedule(
  trials: readonly Trial[],
  folder: RunFolder,
  options: ScheduleOptions,
): Promise<void> {
  const { fleet, display } = options;
  await requireSpace(folder.dir, 20 + 5 * trials.length, "keep the records of this run");
  await fleet.ready(trials);
  const board = new Board(trials.length, display);
  try {
    const results = pooledMap(
      fleet.slots,
      inBestOrder(unitsOf(trials, fleet), fleet),
      (unit) => runUnit(unit, folder, board, options),
    );
    for await (const _ of results);
  } catch (error) {
    /* The pool gathers errors, as several trials may have met the same obstacle. */
    throw error instanceof AggregateError ? machineError(error) ?? error : error;
  } finally {
    board.close();
    await fleet.close();
  }
}

/**
 * What is leased a host together, in the order of the plan: where time is measured the trials of a
 * block, as its arms have to share a machine; else each trial.
 */
export function unitsOf(trials: readonly Trial[], { exact }: Pick<Fleet, "exact">): Trial[][] {
  if (exact) return trials.map((trial) => [trial]);
  return [...Map.groupBy(trials, ({ block }) => block).values()];
}

/** As the fleet would have them, each chosen when a host is free. */
function* inBestOrder(units: readonly Trial[][], fleet: Fleet): Generator<Trial[]> {
  const waiting = [...units];
  while (waiting.length > 0) {
    const at = fleet.next?.(waiting.map(([first]) => first!)) ?? 0;
    yield waiting.splice(at, 1)[0]!;
  }
}

async function runUnit(
  unit: readonly Trial[],
  folder: RunFolder,
  board: Board,
  { fleet, signal, display, onEnded }: ScheduleOptions,
): Promise<void> {
  let left = [...unit];
  for (let attempt = 1; left.length > 0 && !signal.aborted; attempt++) {
    await using host = await fleet.lease(left[0]!.block, signal);
    const lost = await runOn(host, left, folder, board, { signal, display, onEnded });
    if (lost === undefined) return;
    /* Where time is measured no half of a block may stay behind on a host that is gone. */
    left = fleet.exact ? left.slice(left.indexOf(lost.trial)) : [...unit];
    if (attempt < mostHosts) {
      display.say(`${lost.trial.id}: ${host.name} was lost (${lost.reason}): it goes to another`);
      continue;
    }
    throw new LabError(
      `Cannot carry out ${lost.trial.id}: ${attempt} hosts were lost, the last one, ` +
        `${host.name}: ${lost.reason}`,
    );
  }
}

/** @returns the trial during which the host was lost; nothing if it was not. */
async function runOn(
  host: Host,
  trials: readonly Trial[],
  folder: RunFolder,
  board: Board,
  { signal, display, onEnded }: Pick<ScheduleOptions, "signal" | "display" | "onEnded">,
): Promise<{ trial: Trial; reason: string } | undefined> {
  for (const trial of trials) {
    if (signal.aborted) return;
    const entry = folder.record.trials.find(({ id }) => id === trial.id)!;
    const progress = board.begin(trial);
    const watch = new PhaseWatch(progress, () => board.draw());
    const outcome = await host.carryOut(trial, (lines) => watch.see(lines), signal);
    watch.end();
    if (outcome.ended === "lost") {
      board.forget(trial);
      return { trial, reason: outcome.reason };
    }
    if (outcome.ended !== "interrupted") {
      entry.wall_s = Math.round(performance.now() - progress.began_ms) / 1000;
      entry.phases_wall_s = watch.phases_wall_s;
      await keep(trial, entry, folder, checked(outcome, watch), display);
    }
    await folder.save();
    board.end(trial, entry);
    if (!signal.aborted) await onEnded(entry);
  }
}

/** How a trial ended that was carried out. */
type Ended = Extract<Outcome, { records: Uint8Array }>;

/** A host that says that all is done, but gives what are no records, is not believed. */
function checked(outcome: Ended, { problem }: PhaseWatch): Ended {
  if (outcome.ended !== "done" || problem === undefined) return outcome;
  return { ...outcome, ended: "failed", reason: problem };
}

/** Writes the records, and what became of the trial into its entry. */
async function keep(
  trial: Trial,
  entry: TrialEntry,
  folder: RunFolder,
  outcome: Ended,
  display: Display,
): Promise<void> {
  entry.instructions = outcome.instructions ?? null;
  /* The store first: it may lie on another disk than the run, should that be full. */
  const failure = outcome.ended === "failed"
    ? outcome.reason
    : await keepForReuse(trial, entry, folder, outcome.records, display);
  const done = failure === undefined;
  const { digest } = await writeRecords(folder.recordsPath(entry), outcome.records, done);
  entry.status = done ? "done" : "failed";
  entry.reason = failure ?? null;
  entry.digest = done ? digest : null;
}

/** @returns why the trial is not to be trusted, or nothing. */
async function keepForReuse(
  trial: Trial,
  { wall_s, phases_wall_s, instructions }: TrialEntry,
  { record }: RunFolder,
  records: Uint8Array,
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

/** What runs and what has ended, as it is shown. */
class Board {
  #running = new Map<string, TrialProgress>();
  #state: Omit<Progress, "running">;
  #ticking: ReturnType<typeof setInterval>;

  constructor(total: number, readonly display: Display) {
    this.#state = { total, done: 0, failed: 0, began_ms: performance.now() };
    this.#ticking = setInterval(() => this.draw(), redrawEvery_ms);
  }

  begin({ id }: Trial): TrialProgress {
    const progress = { id, phase: "start", began_ms: performance.now(), detail: "" };
    this.#running.set(id, progress);
    this.draw();
    return progress;
  }

  forget({ id }: Trial): void {
    this.#running.delete(id);
    this.draw();
  }

  end(trial: Trial, entry: TrialEntry): void {
    if (entry.status === "done") this.#state.done++;
    else if (entry.status === "failed") this.#state.failed++;
    this.display.say(summaryOf(entry));
    this.forget(trial);
  }

  draw(): void {
    this.display.draw({ ...this.#state, running: [...this.#running.values()] });
  }

  close(): void {
    clearInterval(this.#ticking);
    this.display.close();
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
