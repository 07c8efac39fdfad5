// SPDX-License-Identifier: Apache-2.0
/** Where the time of a trial goes, measured by carrying trials out. */
import { pooledMap } from "@std/async";
import { median } from "simple-statistics";
import { LabError } from "../base/errors.ts";
import type { Trial } from "../contract/trial.ts";
import type { Fleet } from "../hosts/fleet.ts";
import type { Host } from "../hosts/host.ts";
import type { Part } from "./benchmark_file.ts";
import { PhaseWatch } from "./phase_watch.ts";
import { cutsOf, instructionsByPhase } from "./where_time_goes.ts";

/** A trial that was carried out. */
export interface Carried {
  records: Uint8Array;
  instructions: number | undefined;
  wall_s: number;
  /** Of the emulator, if it ran alone. */
  cpu_s: number;
  phases_wall_s: Readonly<Record<string, number>>;
}

/** What a saved state cost, as far as the table tells. */
export interface SavedState {
  wall_s: number;
  writing_s: number;
  bytes: number;
  instructions: number | undefined;
}

/** Trials that differ only behind the fork, and both ways of carrying them out. */
export interface Subject {
  trials: readonly Trial[];
  /** Each is booted. */
  whole: Host;
  /** They go on from one state. */
  forked: Fleet;
  /** All states that were saved so far. */
  saved: () => readonly SavedState[];
}

export interface MeasureOptions {
  /** How often wall times are taken. */
  repetitions: number;
  /** Trials at a time where only instructions are counted. */
  slots: number;
  /** CPU seconds of all programs that were started and have ended. */
  childrenCpu_s: () => Promise<number>;
  signal: AbortSignal;
  say: (line: string) => void;
}

/** What was measured, and the records of the trials in their order: the same, however they came about. */
export interface Measured {
  parts: Part[];
  carried: readonly Carried[];
}

/**
 * Instructions of each phase first, from trials that are cut short: what else goes on does not touch
 * them. Then wall and CPU times: all trials booted whole, all of them forked, and so on in
 * turn, so that a machine that slows down does not favour one way. One trial at a time.
 *
 * @throws {LabError} when a trial fails, or gives other records when it forks.
 */
export async function measureTrials(subject: Subject, options: MeasureOptions): Promise<Measured> {
  const counts = await countInstructions(subject, options);
  const rounds: { whole: Carried[]; forked: Carried[]; state: SavedState | undefined }[] = [];
  for (let round = 1; round <= options.repetitions; round++) {
    options.say(`Round ${round} of ${options.repetitions}: whole, then forked`);
    const whole: Carried[] = [];
    for (const trial of subject.trials) whole.push(await carryOut(subject.whole, trial, options));
    const forked = await carryOutForked(subject, options);
    requireSame(subject.trials, whole, forked);
    rounds.push({ whole, forked, state: subject.saved().at(-1) });
  }
  return {
    parts: [
      ...phaseParts(rounds.map(({ whole }) => whole[0]!), counts),
      ...wholeParts(subject.trials, rounds.map(({ whole }) => whole)),
      ...forkParts(subject.trials, rounds),
    ],
    carried: rounds[0]!.whole,
  };
}

async function countInstructions(
  { trials, whole }: Subject,
  options: MeasureOptions,
): Promise<Record<string, number | null>> {
  const [first] = trials;
  const cuts = cutsOf(first!.phases);
  options.say(`Counting instructions: ${cuts.length} trials, each cut short after another phase`);
  const totals = await Array.fromAsync(pooledMap(
    options.slots,
    cuts,
    async (phases) => {
      const cut = { ...first!, phases, id: `${first!.id}-cut${phases.length}` };
      return (await carryOut(whole, cut, options)).instructions;
    },
  ));
  return instructionsByPhase(first!.phases, totals);
}

async function carryOut(
  host: Host,
  trial: Trial,
  { signal, childrenCpu_s }: MeasureOptions,
): Promise<Carried> {
  const before_s = await childrenCpu_s();
  const began_ms = performance.now();
  const watch = new PhaseWatch({ phase: "start", detail: "" }, () => {});
  const outcome = await host.carryOut(trial, (lines) => watch.see(lines), signal);
  watch.end();
  if (outcome.ended !== "done") {
    const reason = outcome.ended === "interrupted" ? "it was interrupted" : outcome.reason;
    throw new LabError(`Cannot measure ${trial.id}: ${reason}`);
  }
  const { records, instructions } = outcome;
  const wall_s = (performance.now() - began_ms) / 1000;
  const cpu_s = await childrenCpu_s() - before_s;
  return { records, instructions, wall_s, cpu_s, phases_wall_s: watch.phases_wall_s };
}

/** One after the other, so that nobody waits for a state that another one makes. */
async function carryOutForked(
  { trials, forked }: Subject,
  options: MeasureOptions,
): Promise<Carried[]> {
  await forked.ready(trials, "bench");
  try {
    const carried: Carried[] = [];
    for (const trial of trials) {
      await using host = await forked.lease(trial.block, options.signal);
      carried.push(await carryOut(host, trial, options));
    }
    return carried;
  } finally {
    await forked.close();
  }
}

function requireSame(
  trials: readonly Trial[],
  whole: readonly Carried[],
  forked: readonly Carried[],
): void {
  for (const [at, { id }] of trials.entries()) {
    const [a, b] = [whole[at]!.records, forked[at]!.records];
    if (a.length === b.length && a.every((byte, place) => byte === b[place])) continue;
    throw new LabError(
      `Cannot compare ${id} booted whole and forked: it gave other records`,
      "./lab verify reference says whether the lab is still exact",
    );
  }
}

function phaseParts(
  carried: readonly Carried[],
  counts: Readonly<Record<string, number | null>>,
): Part[] {
  return Object.entries(counts).map(([part, instructions]) => ({
    part,
    wall_s: carried.map(({ phases_wall_s }) => phases_wall_s[part] ?? 0),
    ...{ cpu_s: null, instructions, bytes: null },
  }));
}

function wholeParts(trials: readonly Trial[], rounds: readonly Carried[][]): Part[] {
  return [
    ...trials.map(({ settings }, at) => ({
      part: `whole trial, ${settings.arm}`,
      wall_s: rounds.map((round) => round[at]!.wall_s),
      cpu_s: median(rounds.map((round) => round[at]!.cpu_s)),
      ...{ instructions: rounds[0]![at]!.instructions ?? null, bytes: null },
    })),
    together("all arms, each booted", rounds, sum(rounds[0]!.map((one) => one.instructions))),
  ];
}

function together(part: string, rounds: readonly Carried[][], instructions: number | null): Part {
  const wall_s = rounds.map((round) => round.reduce((all, one) => all + one.wall_s, 0));
  const cpu_s = median(rounds.map((round) => round.reduce((all, one) => all + one.cpu_s, 0)));
  return { part, wall_s, cpu_s, instructions, bytes: null };
}

/** What is not known makes the sum unknown. */
function sum(numbers: readonly (number | undefined)[]): number | null {
  return numbers.reduce<number | null>(
    (all, one) => all === null || one === undefined ? null : all + one,
    0,
  );
}

function forkParts(
  trials: readonly Trial[],
  rounds: readonly { forked: Carried[]; state: SavedState | undefined }[],
): Part[] {
  const states = rounds.flatMap(({ state }) => state ?? []);
  const [state] = states;
  if (state === undefined) return [];
  const shared = state.instructions;
  const behind = rounds[0]!.forked.map(({ instructions }) =>
    instructions === undefined || shared === undefined ? undefined : instructions - shared
  );
  return [
    together(
      "all arms, from one state",
      rounds.map(({ forked }) => forked),
      sum([shared, ...behind]),
    ),
    {
      part: "  to the state, saved",
      wall_s: states.map(({ wall_s }) => wall_s),
      ...{ cpu_s: null, instructions: shared ?? null, bytes: null },
    },
    {
      part: "  of that its writing",
      wall_s: states.map(({ writing_s }) => writing_s),
      ...{ cpu_s: null, instructions: null, bytes: state.bytes },
    },
    ...trials.map(({ settings }, at) => ({
      part: `  going on from it, ${settings.arm}`,
      /* The first has the state made, and waits for that. */
      wall_s: rounds.map((round) =>
        round.forked[at]!.wall_s - (at === 0 ? round.state!.wall_s : 0)
      ),
      cpu_s: at === 0 ? null : median(rounds.map((round) => round.forked[at]!.cpu_s)),
      ...{ instructions: behind[at] ?? null, bytes: null },
    })),
  ];
}
