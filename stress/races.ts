// SPDX-License-Identifier: Apache-2.0
/**
 * A virtual machine on a host with several CPUs, under many interleavings: see
 * programs/race_under_kvm.c. The seed of an interleaving draws how long each CPU's turns are, and
 * what the programs do; with the same seed all of it happens again, to the instruction.
 */
import type { BuiltEmulator } from "../emulator/qemu/build.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import type { Report } from "../base/report.ts";
import { buildCheckProgram, type CheckOutcome, runChecks, type StepResult } from "./host.ts";
import { mergingStep, type SwitchState, writeSwitch } from "./merging.ts";

/** One interleaving. */
export interface RaceCase {
  cpus: number;
  /** Mean instructions of a CPU before the next one's turn. */
  turn: number;
  mmu: "npt" | "shadow";
  /** `none`: the kernel has no switch. */
  changePte: SwitchState | "none";
  /** From 1: of turns, and of what the programs do. */
  seed: number;
}

export interface RaceResult {
  /** What was wrong, with the console's complaints; nothing if nothing was. */
  failure: string | undefined;
  /** By the programs' names, those of both added up. */
  counts: Record<string, number>;
  /** What KVM did to the page that was wrong, line by line. */
  trace: string[];
  /** All of what came out, to compare one carrying out with another. */
  outcome: CheckOutcome;
}

/** What to choose cases from. */
export interface RaceChoice {
  cpus: readonly number[];
  turn: readonly number[];
  mmu: readonly ("npt" | "shadow")[];
  changePte: readonly RaceCase["changePte"][];
  seeds: readonly [first: number, last: number];
}

export const everyRace: RaceChoice = {
  cpus: [2, 4],
  turn: [1000, 3000, 5000],
  mmu: ["npt", "shadow"],
  changePte: ["off", "on", "map", "flip"],
  seeds: [1, 1],
};

/** All cases of a choice, seed by seed. */
export function* racesOf({ cpus, turn, mmu, changePte, seeds: [first, last] }: RaceChoice) {
  for (let seed = first; seed <= last; seed++) {
    for (const of of cpus) {
      for (const at of turn) {
        for (const by of mmu) {
          for (const state of changePte) {
            yield { cpus: of, turn: at, mmu: by, changePte: state, seed } satisfies RaceCase;
          }
        }
      }
    }
  }
}

/** How much the programs do. */
export interface RaceLength {
  /** Of race_under_kvm: each is 16,384 accesses of the guest beside 24 pages dropped or rewritten. */
  rounds: number;
  /** Of merge_under_kvm: each is 64 accesses. 0: not at all. */
  iterations: number;
}

const memory_mib = 512;

/** Of the host's time: some ten times what a case takes. */
const stepLimit_s = 300;

/** All that the program knows, besides the switch. */
const disturbances = ["dirty-log", "slots", "trace"];

/** @throws {LabError} when the emulator cannot be started. */
export async function runRace(
  one: RaceCase,
  { rounds, iterations }: RaceLength,
  kernel: BuiltKernel,
  emulator: BuiltEmulator,
  report: Report,
): Promise<RaceResult> {
  const flip = one.changePte === "flip" ? ["flip"] : [];
  const outcome = await runChecks({
    name: `race-${one.cpus}-${one.turn}-${one.mmu}-${one.changePte}-${one.seed}`,
    emulator,
    vmlinux: kernel.vmlinux,
    mmu: one.mmu,
    memory_mib,
    turns: { cpus: one.cpus, turn: one.turn, turn_seed: one.seed },
    files: {
      race_under_kvm: await buildCheckProgram("race_under_kvm", report),
      ...(iterations === 0
        ? {}
        : { merge_under_kvm: await buildCheckProgram("merge_under_kvm", report) }),
    },
    steps: [
      ...(one.changePte === "none" ? [] : [writeSwitch(one.changePte)]),
      {
        name: "race",
        command: ["/race_under_kvm", `${rounds}`, `${one.seed}`, ...disturbances, ...flip],
      },
      ...(iterations === 0 ? [] : [mergingStep(one.changePte, iterations, one.seed)]),
    ],
    stepLimit_s,
  }, report);
  const lines = outcome.steps.flatMap(({ output }) => output.trimEnd().split("\n"));
  const expected = iterations === 0 ? 1 : 2;
  return {
    failure: failureOf(outcome, expected),
    counts: countsIn(lines),
    trace: lines.filter(isTrace),
    outcome,
  };
}

function isTrace(line: string): boolean {
  return line.startsWith("trace: ");
}

function failureOf({ steps, failure }: CheckOutcome, expected: number): string | undefined {
  const wrong = steps.filter(({ status }) => status !== 0).map(saidBy);
  if (steps.length < expected) wrong.push(`only ${steps.length} of ${expected} programs ended`);
  if (failure !== undefined) wrong.push(failure);
  return wrong.length === 0 ? undefined : wrong.join("\n");
}

function saidBy({ name, status, output }: StepResult): string {
  const said = output.trimEnd().split("\n").filter((line) => !isTrace(line));
  return `${name} ended with ${status}: ${said.join("\n  ")}`;
}

function countsIn(lines: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of lines.filter((each) => !isTrace(each))) {
    for (const [, name, count] of line.matchAll(/(\w+)=(\d+)/g)) {
      counts[name!] = (counts[name!] ?? 0) + Number(count);
    }
  }
  return counts;
}
