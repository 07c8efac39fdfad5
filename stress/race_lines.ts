// SPDX-License-Identifier: Apache-2.0
/**
 * `lab stress races`: the patched kernel stands many interleavings, each kernel with a fault is
 * found, and found again in the same way, and the kernel that checks itself has no complaint.
 */
import { pooledMap } from "@std/async";
import { LabError } from "../base/errors.ts";
import type { Report } from "../base/report.ts";
import type { BuiltEmulator } from "../emulator/qemu/build.ts";
import { buildKernel, type BuiltKernel } from "../kernel/build.ts";
import { type KernelLine, kernelLines } from "../kernel/lines.ts";
import type { KernelRequest } from "../kernel/variants.ts";
import { mutant, mutantNames, mutatedLine } from "./mutants.ts";
import { jobs } from "./host.ts";
import { mappingsIn } from "./merging.ts";
import type { StressLine } from "./parts.ts";
import {
  everyRace,
  type RaceCase,
  type RaceChoice,
  type RaceLength,
  type RaceResult,
  racesOf,
  runRace,
} from "./races.ts";

export interface RaceRequest {
  /** `patched`, `stock`, `debug`, a mutant's name; all of them if not given. */
  kernel?: string | undefined;
  choice: Partial<RaceChoice>;
  /** Shows of a failure what KVM did to the page. */
  trace: boolean;
}

/**
 * How much is done on which kernel: what is replayed must be of the same length. On a mutant one
 * program is enough to find it; a kernel that checks itself is ten times as slow.
 */
const lengths = {
  patched: { rounds: 100, iterations: 400 },
  stock: { rounds: 100, iterations: 400 },
  mutant: { rounds: 100, iterations: 0 },
  debug: { rounds: 20, iterations: 0 },
} satisfies Record<string, RaceLength>;

/** Where mutants are looked for, in this order, until each is found or this is at its end. */
const hunt: RaceChoice = {
  cpus: [2],
  turn: [1000, 3000, 5000],
  mmu: ["npt"],
  changePte: ["on"],
  seeds: [1, 8],
};

/** What the kernel that checks itself goes through. */
const debugCases: RaceChoice = { ...hunt, turn: [3000], changePte: ["flip"], seeds: [1, 1] };

/** The kinds of kernel that `--kernel` names, beside the mutants. */
const plainKernels = ["patched", "stock", "debug"] as const;
type PlainKernel = typeof plainKernels[number];

function isPlain(name: string): name is PlainKernel {
  return (plainKernels as readonly string[]).includes(name);
}

/** @throws {LabError} when there is no such kernel. */
export async function* races(
  { kernel, choice, trace }: RaceRequest,
  line: KernelLine,
  emulator: BuiltEmulator,
  report: Report,
): AsyncGenerator<StressLine> {
  const room: Room = { line, emulator, report, trace };
  const mutants = line === mutatedLine ? await mutantNames() : [];
  const all = [...plainKernels, ...mutants];
  const hasChosenState = (name: string) => choice.changePte === undefined || name !== "stock";
  const names = kernel === undefined ? all.filter(hasChosenState) : [kernel];
  for (const name of names) {
    if (!all.includes(name)) {
      throw new LabError(
        `Cannot look for races on "${name}": there is no such kernel of line ${line}`,
        `Kernels: ${all.join(", ")}`,
      );
    }
    if (name === "patched") yield* standing(name, { ...everyRace, ...choice }, room);
    else if (name === "stock") {
      yield* standing(name, { ...everyRace, ...withoutSwitch(choice) }, room);
    } else if (name === "debug") yield* standing(name, { ...debugCases, ...choice }, room);
    else if (kernel !== undefined) yield* standing(name, { ...hunt, ...choice }, room);
    else yield await huntFor(name, room);
  }
}

/** The kernel without the series, what the others are held against. */
function withoutSwitch(choice: Partial<RaceChoice>): Partial<RaceChoice> {
  if (choice.changePte !== undefined) {
    throw new LabError(
      "Cannot look for races on the stock kernel with a state of kvm.change_pte: it has no switch",
      "Leave --switch out, or choose another --kernel",
    );
  }
  return { ...choice, changePte: ["none"] };
}

interface Room {
  line: KernelLine;
  emulator: BuiltEmulator;
  report: Report;
  trace: boolean;
}

function kernelOf(name: string, { line, report }: Room): Promise<BuiltKernel> {
  const request: KernelRequest = isPlain(name) ? { line, variant: name } : mutant(name);
  return buildKernel(request, report);
}

function lengthOn(name: string): RaceLength {
  return isPlain(name) ? lengths[name] : lengths.mutant;
}

/** One line for each case. */
async function* standing(
  name: string,
  choice: RaceChoice,
  room: Room,
): AsyncGenerator<StressLine> {
  const kernel = await kernelOf(name, room);
  const cases = pooledMap(jobs, racesOf(choice), async (one) => ({
    one,
    result: await runRace(one, lengthOn(name), kernel, room.emulator, room.report),
  }));
  for await (const { one, result } of cases) {
    yield {
      part: "races",
      what: `${name} ${room.line}, ${describeRace(one)}`,
      passed: result.failure === undefined,
      seen: result.failure === undefined ? seenIn(result) : complaint(name, one, result, room),
    };
  }
}

/** What a mutant's hunt came to. */
export interface Hunt {
  /** Cases up to and with the first that failed. */
  tried: number;
  found?: { one: RaceCase; result: RaceResult; replayed: boolean };
}

/**
 * Goes through the cases in order until one fails, and carries that one out again. A fault shows
 * in more than one way (the kernel's own checks, memory that is wrong), and which of them comes
 * first depends on every instruction of what runs: `isSought` picks one.
 */
export async function huntMutant(
  name: string,
  choice: RaceChoice,
  emulator: BuiltEmulator,
  report: Report,
  isSought: (result: RaceResult) => boolean = ({ failure }) => failure !== undefined,
): Promise<Hunt> {
  const kernel = await buildKernel(mutant(name), report);
  const run = (one: RaceCase) => runRace(one, lengths.mutant, kernel, emulator, report);
  const cases = [...racesOf(choice)];
  for (let at = 0; at < cases.length; at += jobs) {
    const some = cases.slice(at, at + jobs);
    const results = await Promise.all(some.map(run));
    const index = results.findIndex(isSought);
    if (index < 0) continue;
    const [one, result] = [some[index]!, results[index]!];
    const again = await run(one);
    const replayed = JSON.stringify(again.outcome) === JSON.stringify(result.outcome);
    return { tried: at + index + 1, found: { one, result, replayed } };
  }
  return { tried: cases.length };
}

/** The cases that a mutant must be found in. */
export { hunt as huntedCases };

async function huntFor(name: string, room: Room): Promise<StressLine> {
  const { tried, found } = await huntMutant(name, hunt, room.emulator, room.report);
  const what = `the fault ${name} is found`;
  if (found === undefined) {
    return { part: "races", what, passed: false, seen: `not in ${tried} interleavings` };
  }
  const { one, result, replayed } = found;
  const again = replayed ? "and replayed to the byte" : "but did NOT replay";
  return {
    part: "races",
    what,
    passed: replayed,
    seen: `in interleaving ${tried} of at most ${[...racesOf(hunt)].length}, ${again}: ` +
      complaint(name, one, result, room),
  };
}

function describeRace({ cpus, turn, mmu, changePte, seed }: RaceCase): string {
  const way = changePte === "none" ? "no switch" : `switch ${changePte}`;
  return `${cpus} CPUs, turn ${turn}, ${mmu}, ${way}, seed ${seed}`;
}

function seenIn({ counts }: RaceResult): string {
  return `${counts.guest_reads} reads, ${counts.guest_writes} writes, ${counts.drops} drops, ` +
    `${counts.mismatches} mismatches; ${counts.slot_deletions} memslots deleted, ` +
    `${counts.log_reads} dirty logs; ${mappingsIn(counts)}`;
}

/** The command that carries a case out again. */
export function replayOf(name: string, one: RaceCase, line: KernelLine): string {
  return [
    `./lab stress races --kernel ${name} --cpus ${one.cpus} --seeds ${one.seed}..${one.seed}`,
    `--turn ${one.turn} --mmu ${one.mmu}`,
    ...(one.changePte === "none" ? [] : [`--switch ${one.changePte}`]),
    ...(line === kernelLines[0] ? [] : [`--line ${line}`]),
  ].join(" ");
}

function complaint(name: string, one: RaceCase, result: RaceResult, room: Room): string {
  const replay = `replay: ${replayOf(name, one, room.line)}${room.trace ? "" : " --trace"}`;
  return [result.failure, replay, ...(room.trace ? result.trace : [])].join("\n  ");
}
