// SPDX-License-Identifier: Apache-2.0
/** What a soak does, drawn from its seed: which experiment, and what is done to its run. */
import fc from "fast-check";
import { sha256 } from "../base/digest.ts";
import type { KernelLine } from "../kernel/lines.ts";

/** Shown by a run's progress when a trial enters it; `start`: as soon as the process is there. */
export type Moment = { phase: "start" | "boot" | "load" | "settle" | "merge" | "touch" } & {
  /** Waited from then on. */
  then_ms: number;
};

export interface Kill {
  kind: "kill";
  victim: "lab" | "emulator";
  signal: "KILL" | "TERM" | "INT";
  at: Moment;
}

export interface Fill {
  kind: "fill";
  /** Where runs are written to, or where trials work. */
  disk: "reports" | "tmp";
  at: Moment;
}

export const damageWays = [
  "cut short",
  "a bit changed",
  "removed",
  "its manifest garbled",
] as const;
export type DamageWay = typeof damageWays[number];

export interface Damage {
  kind: "damage";
  /** A stored trial, or something small that trials are made of. */
  of: "trial" | "part";
  way: DamageWay;
  /** Chooses among what there is, by its remainder. */
  draw: number;
}

export type Attack = Kill | Fill | Damage;

export interface Round {
  /** Levels as `--set` takes them. */
  factors: Record<string, string>;
  jobs: 1 | 2;
  fork: boolean;
  /** One after the other: the first on a new run, each other one on going on with it. */
  attacks: Attack[];
}

/** The longest an attack waits within a phase: most take less. */
const longestWait_ms = 600;

const moment: fc.Arbitrary<Moment> = fc.record({
  phase: fc.constantFrom("start", "boot", "load", "settle", "merge", "touch"),
  then_ms: fc.integer({ min: 0, max: longestWait_ms }),
});

const kill: fc.Arbitrary<Kill> = fc.record({
  kind: fc.constant("kill"),
  victim: fc.constantFrom("lab", "emulator"),
  signal: fc.constantFrom("KILL", "TERM", "INT"),
  at: moment,
});

const fill: fc.Arbitrary<Fill> = fc.record({
  kind: fc.constant("fill"),
  disk: fc.constantFrom("reports", "tmp"),
  at: moment,
});

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constant("damage"),
  of: fc.constantFrom("trial", "part"),
  way: fc.constantFrom(...damageWays),
  draw: fc.nat(),
});

/** Kills twice as often: they come in the most kinds. */
const attack: fc.Arbitrary<Attack> = fc.oneof({ arbitrary: kill, weight: 2 }, fill, damage);

/** Small experiments: a trial takes some seconds. */
function rounds(line: KernelLine): fc.Arbitrary<Round> {
  const factors = fc.record({
    workload: fc.constantFrom("pagecache", "libraries"),
    arm: fc.constantFrom("off", "on", "off,on"),
    seed: fc.integer({ min: 1, max: 1_000_000 }).map(String),
    pages_to_scan: fc.constantFrom("500", "1000", "2000", "5000"),
    thp: fc.constantFrom("never", "madvise", "always"),
  }).map((drawn) => ({
    ...{ ...drawn, guests: "2", kernel: line },
    ...(drawn.workload === "libraries" ? { "workload.largest_kib": "256" } : {}),
  }));
  return fc.record({
    factors,
    jobs: fc.constantFrom(1, 2),
    fork: fc.boolean(),
    attacks: fc.array(attack, { minLength: 1, maxLength: 3 }).map(damageLast),
  });
}

/** Damage waits for the end of a lab, after which there is little left to be killed. */
function damageLast(attacks: Attack[]): Attack[] {
  const isDamage = ({ kind }: Attack) => kind === "damage";
  return [...attacks.filter((one) => !isDamage(one)), ...attacks.filter(isDamage)];
}

/** The round of a number, from 1; always the same for a seed. */
export function roundOf(seed: number, number: number, line: KernelLine): Round {
  /* What is drawn first hardly differs between seeds that are near each other. */
  const own = sha256(new TextEncoder().encode(`${seed} ${number}`)).slice(0, 8);
  const [round] = fc.sample(rounds(line), { seed: Number.parseInt(own, 16) | 0, numRuns: 1 });
  return round!;
}

/** Arguments of `./lab` that begin the run. Nothing is taken from other runs where `fresh`. */
export function runWords({ factors, jobs, fork }: Round, fresh: boolean): string[] {
  const set = Object.entries(factors).flatMap(([name, level]) => ["--set", `${name}=${level}`]);
  const how = [...(fork ? [] : ["--no-fork"]), ...(fresh ? ["--fresh"] : [])];
  return ["run", "smoke", ...set, ...how, "--jobs", `${jobs}`, "--json"];
}

/** In a few words, for the round's line. */
export function describeRound({ factors, jobs, fork }: Round): string {
  const { workload, arm, seed, pages_to_scan, thp } = factors;
  return `${workload} seed ${seed}, arm ${arm}, ${pages_to_scan} pages to scan, THP ${thp}, ` +
    `jobs ${jobs}${fork ? "" : ", no fork"}`;
}

/** In a few words: what was planned. */
export function describeAttack(attack: Attack): string {
  switch (attack.kind) {
    case "kill":
      return `SIG${attack.signal} to the ${attack.victim} ${describeMoment(attack.at)}`;
    case "fill":
      return `${attack.disk} full ${describeMoment(attack.at)}`;
    case "damage":
      return `${attack.of} ${attack.way}`;
  }
}

function describeMoment({ phase, then_ms }: Moment): string {
  return `${then_ms} ms after ${phase}`;
}

/** Whether a run's progress has come to a phase. */
export function hasReached(phase: Moment["phase"], log: string): boolean {
  return phase === "start" || log.includes(`: ${phase}`);
}

/** The name of the run that a log of `./lab run` is of, once it has one. */
export function runNameIn(log: string): string | undefined {
  return /^(smoke-\S+): \d+ trials/m.exec(log)?.[1];
}

/** What run.json says that is compared. */
export interface Ended {
  identity: string;
  status: string;
  digest: string | null;
}

/** Trials that are not as in the clean run, each in words. */
export function differences(attacked: readonly Ended[], clean: readonly Ended[]): string[] {
  const expected = new Map(clean.map((trial) => [trial.identity, trial]));
  const wrong = attacked.flatMap(({ identity, status, digest }) => {
    const there = expected.get(identity);
    const name = identity.slice(0, 12);
    if (status !== "done") return [`${name} is ${status}`];
    if (there === undefined) return [`${name} is no trial of the clean run`];
    if (there.status !== "done") return [`${name} is ${there.status} in the clean run`];
    if (digest === null || digest !== there.digest) {
      return [`${name} has digest ${digest}, in the clean run ${there.digest}`];
    }
    return [];
  });
  const missing = clean.length - attacked.length;
  return missing > 0 ? [...wrong, `${missing} trials of the clean run are missing`] : wrong;
}
