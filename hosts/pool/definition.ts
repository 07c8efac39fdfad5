// SPDX-License-Identifier: Apache-2.0
/** A trial as runner.sh is told it: what boots, with which arguments, and the plan. */
import { encodeBase64 } from "@std/encoding/base64";
import type { Trial } from "../../contract/trial.ts";
import type { EmulatedHost } from "../emulated/host.ts";
import { type Machine, machineFor } from "../emulated/machine.ts";
import { partsOf } from "../emulated/parts.ts";
import { instructionsPer_ms } from "../emulated/patience.ts";
import { emulatedPlan, planArchive } from "../emulated/plan_archive.ts";
import { qemuArguments } from "../emulated/qemu.ts";
import type { Bundle } from "./bundle.ts";

/** The machine that a trial gets. */
export function machineOfTrial({ settings }: Trial, host: EmulatedHost): Machine {
  const { image } = partsOf(host.parts, settings);
  return machineFor(settings, host.described.imageSizes.get(image)!);
}

/** The definition; the place's own folders stand in it as @PLACE@ and @HERE@. */
export function definitionOf(trial: Trial, host: EmulatedHost, bundle: Bundle): string {
  const { hostKernel, image, emulator } = partsOf(host.parts, trial.settings);
  const there = (source: string) => `@PLACE@/parts/${bundle.pathOf(source)}`;
  const machine = machineOfTrial(trial, host);
  const plan = emulatedPlan(trial, image, host.described.imageSizes.get(image)!);
  const [program, firmware, kernel] = [emulator.qemu, emulator.firmwareDir, hostKernel.vmlinux]
    .map(there) as [string, string, string];
  const words = qemuArguments({
    ...machine,
    emulator: { qemu: program, firmwareDir: firmware },
    ...{ vmlinux: kernel, initrd: "@HERE@/initrd.cpio", restOfPlan: "@HERE@/plan", purpose: "" },
  }, { output: "@HERE@/output", consoleFile: "@HERE@/console" });
  const lines = [
    ["program", program],
    ["image", there(image.path)],
    ["show", firmware],
    ["show", kernel],
    ["room_mib", machine.outputRoom_mib],
    ["cpu_s", mostCpu_s(trial, host)],
    ...words.map((word) => ["argument", word] as const),
    ["plan", encodeBase64(planArchive(plan))],
    ["rest", encodeBase64(new TextEncoder().encode(plan.rest))],
  ];
  return lines.map(([key, value]) => `${key} ${value}\n`).join("");
}

/** As long as it may say nothing in each of its phases, one after the other. */
function mostCpu_s({ settings, phases }: Trial, host: EmulatedHost): number {
  const { longestSilence_ms, leastSpeed_per_s } = host.patience(settings);
  const most_ms = phases.reduce((sum, phase) => sum + longestSilence_ms(phase), 0);
  return Math.ceil(most_ms * instructionsPer_ms / leastSpeed_per_s);
}
