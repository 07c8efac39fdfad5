// SPDX-License-Identifier: Apache-2.0
/** What the agent in the emulated host is told, and when. */
import { type PlanLine, planLines, planText, wholePlan } from "../../contract/plan.ts";
import type { Trial } from "../../contract/trial.ts";
import type { BuiltImage } from "../../images/build.ts";
import { cpio } from "../../images/cpio.ts";
import { vmmLines } from "../vmm.ts";
import { bochsPlanLines } from "./bochs.ts";
import { hostTick_ns, ticksAnInstruction } from "./clock.ts";
import { forkAfter, prefixOf, settingsBehind } from "./fork.ts";
import { emulatorOf, type HostBoot } from "./host_boot.ts";
import { machineFor } from "./machine.ts";

/** In QEMU records leave through a device's memory; the TSC counts the host's nanoseconds. */
const qemuPlanLines: PlanLine[] = [
  ["output", "shared-memory"],
  ["ticks_an_instruction", ticksAnInstruction],
  ["tick_hz", 1e9 / hostTick_ns],
];

/** What an agent is told of the machine that it is in. */
export function outletLines(
  machine: Pick<HostBoot, "mmu" | "memory_mib" | "outputRoom_mib">,
): PlanLine[] {
  return emulatorOf(machine) === "QEMU" ? qemuPlanLines : bochsPlanLines(machine);
}

/** The plan in two parts: what the machine boots with, and what it is told at the fork. */
export interface EmulatedPlan {
  /** All of it where a trial cannot fork. */
  first: string;
  /** "" where a trial cannot fork. */
  rest: string;
}

/**
 * The plan of a trial that is carried out in the emulated host.
 *
 * @param image_bytes size of the image that it boots from
 */
export function emulatedPlan(
  { settings, phases }: Pick<Trial, "settings" | "phases">,
  { disk }: Pick<BuiltImage, "disk">,
  image_bytes: number,
): EmulatedPlan {
  const host: PlanLine[] = [
    ...outletLines(machineFor(settings, image_bytes)),
    ...(disk === undefined ? [] : [["disk", disk] as const]),
    ...vmmLines(settings, disk),
  ];
  const prefix = prefixOf({ settings, phases }, {});
  if (prefix === undefined) {
    return { first: wholePlan(settings, phases, [["fork_after", "none"], ...host]), rest: "" };
  }
  return {
    first: wholePlan(prefix.settings, prefix.phases, [["fork_after", forkAfter], ...host]),
    rest: planText(planLines(settingsBehind(settings), phases)),
  };
}

/** The archive that goes behind the image: the kernel unpacks one after the other. */
export function planArchive({ first }: EmulatedPlan): Uint8Array {
  return cpio([{ path: "plan", data: new TextEncoder().encode(first) }]);
}
