// SPDX-License-Identifier: Apache-2.0
import type { Answer } from "../engine/result.ts";
import { counted } from "./numbers.ts";
import { type Evidence, rowsOf } from "./finding.ts";

/** How time passes on the hosts of a run, where it is counted in executed instructions. */
interface Clock {
  ticks_an_instruction: number;
  instruction_ns: number;
}

/** The clock that all trials have in common; nothing where time is a real one, or hosts differ. */
function clockOf(evidence: Evidence): Clock | undefined {
  const [first, ...others] = rowsOf(evidence, "hosts").map(clockIn);
  const same = others.every((other) =>
    other?.ticks_an_instruction === first?.ticks_an_instruction &&
    other?.instruction_ns === first?.instruction_ns
  );
  return same ? first : undefined;
}

function clockIn({ ticks_an_instruction, instruction_ns }: Answer): Clock | undefined {
  if (typeof ticks_an_instruction !== "number" || typeof instruction_ns !== "number") {
    return undefined;
  }
  return { ticks_an_instruction, instruction_ns };
}

/** What costs are shown in, and what ticks of the guests' clock are multiplied by to get there. */
export function costUnit(evidence: Evidence): { unit: string; scale: number } {
  const clock = clockOf(evidence);
  return clock === undefined
    ? { unit: "ticks", scale: 1 }
    : { unit: "instructions", scale: 1 / clock.ticks_an_instruction };
}

/** The same for CPU time of the host's threads, which is recorded in nanoseconds. */
export function workUnit(evidence: Evidence): { unit: string; scale: number } {
  const clock = clockOf(evidence);
  return clock === undefined
    ? { unit: "ns", scale: 1 }
    : { unit: "instructions", scale: 1 / clock.instruction_ns };
}

/** Caveat for anything that is measured on virtual time. */
export function clockCaveat(evidence: Evidence): string[] {
  const clock = clockOf(evidence);
  if (clock === undefined) return [];
  const { ticks_an_instruction, instruction_ns } = clock;
  return [
    `Time is virtual: an executed instruction is ${instruction_ns}\u00a0ns, wherever it stands. A vmexit ` +
    "therefore costs the instructions of the hypervisor that handles it, and nothing for the switch between " +
    "guest and host itself, for caches or for TLB misses. Counts can be held against hardware; costs cannot.",
    `Costs are the guest's own clock, ${
      counted(ticks_an_instruction, "tick")
    } for an instruction. They hold ` +
    "all that ran between its two readings: the guest, the hypervisor and whatever else the host did, also " +
    "other guests.",
    ...sharedClockCaveat(evidence),
  ];
}

/** Caveat for times of threads and costs where the host's CPUs take turns on one clock. */
export function sharedClockCaveat(evidence: Evidence): string[] {
  const shared = rowsOf(evidence, "hosts")
    .some((row) => clockIn(row) !== undefined && Number(row.cpus) > 1);
  return shared
    ? [
      "Where the host has several CPUs they share one clock: it goes on while the others have their turns. " +
      "Times and costs hold these turns too, so compare them within one number of CPUs only.",
    ]
    : [];
}
