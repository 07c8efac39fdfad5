// SPDX-License-Identifier: Apache-2.0
/** From what was measured of the lab's own time to lines. */
import Table from "cli-table3";
import { median } from "simple-statistics";
import type { PhaseName } from "../contract/phases.ts";
import type { Benchmark, Part } from "./benchmark_file.ts";

/**
 * Phases cut short, each one longer than the one before: none at all, the first, the first two, ...,
 * all of them. What each phase executes is the difference between two trials.
 */
export function cutsOf(phases: readonly PhaseName[]): PhaseName[][] {
  return Array.from({ length: phases.length + 1 }, (_, at) => phases.slice(0, at));
}

/**
 * Instructions of `start` and of each phase. Each of the trials ends with switching off: without guests
 * in `start`, and what there is more of it with them in the phase in which they come, `boot`.
 *
 * @param totals of whole trials with the phases of `cutsOf()`; nothing where the host does not count.
 */
export function instructionsByPhase(
  phases: readonly PhaseName[],
  totals: readonly (number | undefined)[],
): Record<string, number | null> {
  return Object.fromEntries(
    ["start", ...phases].map((name, at) => [name, difference(totals[at], at, totals)]),
  );
}

function difference(
  total: number | undefined,
  at: number,
  totals: readonly (number | undefined)[],
): number | null {
  const before = at === 0 ? 0 : totals[at - 1];
  return total === undefined || before === undefined ? null : total - before;
}

/**
 * From this load on somebody else is at work on the machine, and wall times are of both. What has just
 * ended weighs on the average for a minute.
 */
export const busyLoad = 0.7;

/** The table, and what has to be known to read it. */
export function lines(now: Benchmark, before?: Benchmark): string[] {
  return [
    now.trials,
    machineLine(now),
    ...(before === undefined ? [] : [againstLine(now, before)]),
    ...warnings(now, before),
    before === undefined ? table(now.parts) : comparison(now.parts, before.parts),
    "Wall times are those of this machine, and noisy; CPU times are the emulator's alone, and less so; " +
    "counts of instructions are exact. A second is one of CPU time where that is known.",
  ];
}

function machineLine({ machine, load }: Benchmark): string {
  const { cpu, cores, memory_mib } = machine;
  return `On ${cpu}, ${cores} cores, ${memory_mib} MiB; load average ${load.before.toFixed(2)} ` +
    `before, ${load.after.toFixed(2)} after`;
}

function againstLine(now: Benchmark, { began, git, machine }: Benchmark): string {
  const where = JSON.stringify(machine) === JSON.stringify(now.machine)
    ? "on such a machine"
    : `on another machine (${machine.cpu}, ${machine.cores} cores)`;
  return `Against what was measured ${where} on ${began.slice(0, 16).replace("T", " ")}, ` +
    `commit ${git?.revision.slice(0, 12) ?? "unknown"}`;
}

function warnings(now: Benchmark, before: Benchmark | undefined): string[] {
  const busy = (when: string, { load }: Benchmark) =>
    load.before < busyLoad ? [] : [
      `Warning: the machine was busy ${when} (load average ${load.before.toFixed(2)} before it ` +
      "began): the wall times are too long",
    ];
  return [
    ...busy("now", now),
    ...(before === undefined ? [] : busy("then", before)),
    ...(before === undefined || before.trials === now.trials
      ? []
      : [`Warning: then it was measured with other trials: ${before.trials}`]),
  ];
}

function table(parts: readonly Part[]): string {
  return drawn(
    ["part", "wall s", "min to max", "CPU s", "million instructions", "million/s", "MiB"],
    parts.map(({ part, wall_s, cpu_s, instructions, bytes }) => [
      part,
      wall(median(wall_s)),
      wall_s.length < 2 ? "" : `${wall(Math.min(...wall_s))} to ${wall(Math.max(...wall_s))}`,
      cpu_s === null ? "" : wall(cpu_s),
      millions(instructions),
      speed(instructions, cpu_s ?? median(wall_s)),
      bytes === null ? "" : (bytes / 2 ** 20).toFixed(0),
    ]),
  );
}

function comparison(now: readonly Part[], before: readonly Part[]): string {
  const earlier = new Map(before.map((one) => [one.part, one]));
  const names = new Set([...now, ...before].map(({ part }) => part));
  return drawn(
    [
      ...["part", "wall s before", "now", "ratio", "CPU s before", "now", "ratio"],
      ...["million instructions before", "now", "ratio"],
    ],
    [...names].map((name) => {
      const [a, b] = [earlier.get(name), now.find(({ part }) => part === name)];
      const walls = [a, b].map((one) => one === undefined ? null : median(one.wall_s));
      const cpu = [a, b].map((one) => one?.cpu_s ?? null);
      const counts = [a, b].map((one) => one?.instructions ?? null);
      return [
        name,
        ...walls.map((value) => value === null ? "" : wall(value)),
        ratio(walls[0]!, walls[1]!),
        ...cpu.map((value) => value === null ? "" : wall(value)),
        ratio(cpu[0]!, cpu[1]!),
        ...counts.map(millions),
        ratio(counts[0]!, counts[1]!),
      ];
    }),
  );
}

/** Instructions a second, in millions; of no time at all it says nothing. */
function speed(instructions: number | null, seconds: number): string {
  return instructions === null || seconds < shortest_s
    ? ""
    : (instructions / seconds / 1e6).toFixed(0);
}

/** Phases are told apart no finer than half of that: see hosts/emulated/boot.ts. */
const shortest_s = 0.1;

function ratio(before: number | null, now: number | null): string {
  return before === null || now === null || before === 0 ? "" : (now / before).toFixed(2);
}

function wall(seconds: number): string {
  return seconds.toFixed(2);
}

function millions(instructions: number | null): string {
  return instructions === null ? "" : (instructions / 1e6).toFixed(1);
}

/** A table whose first column is of words. */
export function drawn(head: string[], rows: string[][]): string {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, at) => at === 0 ? "left" : "right"),
  });
  table.push(...rows);
  return table.toString();
}
