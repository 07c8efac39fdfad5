// SPDX-License-Identifier: Apache-2.0
/** The agent's plan: all that it is told of a trial, as it reads it in agent/plan.c. */
import type { PhaseName } from "./phases.ts";
import { planValue, type Settings, toldSettings } from "./settings.ts";
import { recordsFormat } from "./records.ts";

/** One line of the plan: a key, and a value that may hold spaces. A key can stand there repeatedly. */
export type PlanLine = readonly [key: string, value: string | number];

/** Settings and phases as lines of the plan. Switches are 1 or 0. */
export function planLines(
  settings: Partial<Settings>,
  phases: readonly PhaseName[],
): PlanLine[] {
  return [
    ...Object.entries(toldSettings(settings)).map(([key, value]) =>
      [key, planValue(key, value!)] as const
    ),
    ["phases", phases.join(",")],
  ];
}

/** "key value" lines. */
export function planText(lines: readonly PlanLine[]): string {
  return lines.map(([key, value]) => `${key} ${value}\n`).join("");
}

/**
 * A whole plan: the format, settings and phases, then what the host adds.
 *
 * @param more what the place where the trial is carried out has to say to the agent: how records leave,
 * the counter of ticks, the VMM's command line
 */
export function wholePlan(
  settings: Partial<Settings>,
  phases: readonly PhaseName[],
  more: readonly PlanLine[],
): string {
  return planText([["format", recordsFormat], ...planLines(settings, phases), ...more]);
}
