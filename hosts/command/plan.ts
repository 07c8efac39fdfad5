// SPDX-License-Identifier: Apache-2.0
/** What the agent on a real host is told. */
import { type PlanLine, wholePlan } from "../../contract/plan.ts";
import type { Trial } from "../../contract/trial.ts";
import { vmmLines } from "../vmm.ts";

/**
 * Ticks are those of the time-stamp counter, whose rate the agent holds to the clock; instructions are
 * not counted.
 */
const real: PlanLine[] = [["fork_after", "none"], ["ticks_an_instruction", 0], ["tick_hz", 0]];

/** The plan of a trial that is carried out on a real host. */
export function realPlan(
  { settings, phases }: Pick<Trial, "settings" | "phases">,
  disk: string | undefined,
): string {
  return wholePlan(settings, phases, [
    ...real,
    ...(disk === undefined ? [] : [["disk", disk] as const]),
    ...vmmLines(settings, disk),
  ]);
}
