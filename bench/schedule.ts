// SPDX-License-Identifier: Apache-2.0
/** Carries out the trials of a run on the hosts of a fleet, and keeps each result. */
import { pooledMap } from "@std/async";
import { LabError } from "../base/errors.ts";
import { requireSpace } from "../base/files.ts";
import { machineError } from "../base/machine_error.ts";
import type { Trial } from "../contract/trial.ts";
import type { Fleet } from "../hosts/fleet.ts";
import type { Host, Outcome } from "../hosts/host.ts";
import { withoutPlaces } from "../store/private.ts";
import { disturbedInWords, markDisturbed } from "./disturbed.ts";
import { keepEvidence } from "./evidence.ts";
import { earlierTrials, expectedBy } from "./forecast.ts";
import { PhaseWatch } from "./phase_watch.ts";
import type { Display, Progress, TrialProgress } from "./progress.ts";
import { writeRecords } from "./records.ts";
import { type RunFolder, waitAgain } from "./run_folder.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import { keepTrial } from "./trial_store.ts";

export interface ScheduleOptions {
  fleet: Fleet;
  display: Display;
  signal: AbortSignal;
  /** Begin no other trial once one has failed. */
  strict?: boolean;
  /** Called when a trial has ended and run.json says so. */
  onEnded: (entry: TrialEntry) => Promise<void>;
}

/** A host can be lost through no fault of the trial's; three in a row are no accident. */
const mostHosts = 3;

/** Room on the disk is asked for so many: of more nobody knows how large they are, and none is lost. */
const mostTrialsAsked = 1000;

const redrawEvery_ms = 1000;

/** With more trials at a time than that not each change is drawn. */
const mostDrawnAtOnce = 64;

/** Trials that wait are looked through no further than that for the one that is best begun now. */
const furthestLook = 1000;

/**
 * Runs all trials. Failed ones are recorded as such and do not stop the others, unless that is asked for:
 * then those that run are carried out to their end, and all others wait.
 *
 * @throws {LabError} when trials cannot be begun or kept: no host; {@linkcode NoRoom} when a disk is
 * full. Trials that were not kept wait.
 */
export async function schedule(
  trials: readonly Trial[],
  folder: RunFolder,
  options: ScheduleOptions,
): Promise<void> {
  const { fleet, display } = options;
  if (trials.length > 0) {
    const asked = Math.min(trials.length, mostTrialsAsked);
    await requireSpace(folder.dir, 20 + 5 * asked, "keep the records of this run");
    await fleet.ready(trials, folder.record.run);
  }
  const expected = expectedBy(await earlierTrials());
  const board = new Board(
    new Map(trials.map(({ id, settings }) => [id, expected(settings)])),
    { fleet, display, stopped: isStopped(folder, options) },
  );
  try {
    const results = pooledMap(
      fleet.slots,
      inBestOrder(unitsOf(trials, fleet), fleet, () => board.stopped),
      (unit) => runUnit(unit, folder, board, options),
    );
    for await (const _ of results);
  } catch (error) {
    /* The pool gathers errors, as several trials may have met the same obstacle. */
    throw machineError(error) ?? error;
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

/** Whether a trial has failed where none may. */
export function isStopped(
  { record }: Pick<RunFolder, "record">,
  { strict = false }: Pick<ScheduleOptions, "strict">,
): boolean {
  return strict && record.trials.some(({ status }) => status === "failed");
}

/** As the fleet would have them, each chosen when a host is free. */
function* inBestOrder(
  units: readonly Trial[][],
  fleet: Fleet,
  stopped: () => boolean,
): Generator<Trial[]> {
  const waiting: Trial[][] = [];
  for (let taken = 0; !stopped();) {
    while (waiting.length < furthestLook && taken < units.length) waiting.push(units[taken++]!);
    if (waiting.length === 0) return;
    const at = fleet.next?.(waiting.map(([first]) => first!)) ?? 0;
    yield waiting.splice(at, 1)[0]!;
  }
}

async function runUnit(
  unit: readonly Trial[],
  folder: RunFolder,
  board: Board,
  options: ScheduleOptions,
): Promise<void> {
  const { fleet, signal, display } = options;
  let left = [...unit];
  for (let attempt = 1; left.length > 0 && !signal.aborted; attempt++) {
    await using host = await fleet.lease(left[0]!.block, signal);
    const lost = await runOn(host, left, folder, board, options);
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
  options: ScheduleOptions,
): Promise<{ trial: Trial; reason: string } | undefined> {
  const { signal, display, onEnded } = options;
  for (const trial of trials) {
    if (signal.aborted || board.stopped) return;
    const entry = folder.entry(trial.id);
    const progress = board.begin(trial);
    const watch = new PhaseWatch(progress, () => board.draw());
    const outcome = await host.carryOut(trial, (lines) => watch.see(lines), signal);
    watch.end();
    if (outcome.ended === "lost") {
      board.waitAgain(trial);
      return { trial, reason: outcome.reason };
    }
    if (outcome.ended !== "interrupted") {
      const { wall_s } = outcome;
      entry.wall_s = wall_s ?? Math.round(performance.now() - progress.began_ms) / 1000;
      entry.phases_wall_s = wall_s === undefined ? watch.phases_wall_s : {};
      await keep(trial, entry, folder, checked(outcome, watch), display);
      if (entry.status === "done") {
        const disturbed = markDisturbed(entry, outcome.records);
        const words = () => disturbedInWords(trial.id, host.name, disturbed);
        if (disturbed.length > 0) display.say(words(), "warning");
      }
      await folder.saveTrial(entry);
    }
    board.end(trial, entry, options);
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

/**
 * Writes the records, and what became of the trial into its entry. Where they cannot be written it
 * waits, as if it had not been carried out.
 */
async function keep(
  trial: Trial,
  entry: TrialEntry,
  folder: RunFolder,
  outcome: Ended,
  display: Display,
): Promise<void> {
  try {
    await keepOutcome(trial, entry, folder, outcome, display);
  } catch (error) {
    waitAgain(entry, trial);
    throw error;
  }
}

async function keepOutcome(
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
  const left = await keepEvidence(
    folder,
    entry,
    outcome.ended === "failed" ? outcome.evidence : {},
  );
  const look = left.length === 0 ? "" : `\nSee ${left.join(" and ")}`;
  entry.status = done ? "done" : "failed";
  entry.reason = done ? null : withoutPlaces(failure) + look;
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
    const reason = machineError(error);
    if (reason === undefined) throw error;
    display.say(
      `Warning: ${trial.id} cannot be kept for other runs: ${reason.message}`,
      "warning",
    );
    return undefined;
  }
}

/** What runs and what has ended, as it is shown. */
class Board {
  #running = new Map<string, TrialProgress>();
  #state: Omit<Progress, "running">;
  #ticking: ReturnType<typeof setInterval>;

  readonly display: Display;
  readonly #fleet: Fleet;
  /** A trial has failed where none may. */
  stopped: boolean;
  #drawn_ms = 0;

  /** @param expected_s what each trial will take, by its name */
  constructor(
    readonly expected_s: ReadonlyMap<string, number>,
    { fleet, display, stopped }: { fleet: Fleet; display: Display; stopped: boolean },
  ) {
    this.display = display;
    this.#fleet = fleet;
    this.stopped = stopped;
    this.#state = {
      ...{ total: expected_s.size, done: 0, failed: 0, began_ms: performance.now() },
      slots: fleet.slots,
      waiting_s: [...expected_s.values()].reduce((sum, one) => sum + one, 0),
    };
    this.#ticking = setInterval(() => this.draw(), redrawEvery_ms);
  }

  begin({ id }: Trial): TrialProgress {
    const expected_s = this.expected_s.get(id)!;
    const progress = { id, phase: "start", began_ms: performance.now(), detail: "", expected_s };
    this.#state.waiting_s -= expected_s;
    this.#running.set(id, progress);
    this.draw();
    return progress;
  }

  waitAgain(trial: Trial): void {
    this.#state.waiting_s += this.expected_s.get(trial.id)!;
    this.forget(trial);
  }

  forget({ id }: Trial): void {
    this.#running.delete(id);
    this.draw();
  }

  end(trial: Trial, entry: TrialEntry, { strict = false }: ScheduleOptions): void {
    if (entry.status === "failed" && strict) this.stopped = true;
    if (entry.status === "done") this.#state.done++;
    else if (entry.status === "failed") this.#state.failed++;
    this.display.say(summaryOf(entry), entry.status === "failed" ? "warning" : "info");
    this.forget(trial);
  }

  /** Of many trials at a time not each change is drawn: a picture costs as much as they are. */
  draw(): void {
    const now_ms = performance.now();
    if (this.#running.size > mostDrawnAtOnce && now_ms - this.#drawn_ms < redrawEvery_ms) return;
    this.#drawn_ms = now_ms;
    const { slots = this.#fleet.slots, text } = this.#fleet.atWork?.() ?? {};
    const running = [...this.#running.values()];
    this.display.draw({ ...this.#state, slots, running, ...(text === undefined ? {} : { text }) });
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
