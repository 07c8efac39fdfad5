// SPDX-License-Identifier: Apache-2.0
/**
 * The emulated machine: what settings make of it, whichever emulator it runs in. How each emulator is told is
 * a file of its own: qemu.ts, bochs.ts.
 */
import type { Settings } from "../../contract/settings.ts";
import { bochsOptions } from "./bochs.ts";
import { emulatorOf, type EmulatorPrograms, type HostBoot } from "./host_boot.ts";
import { hostMemory_mib } from "./memory.ts";
import { qemuArguments } from "./qemu.ts";

/** Of the records; a raw trace has millions of events. Room that is not used costs nothing. */
export function outputRoom_mib({ observe }: Pick<Settings, "observe">): number {
  return observe === "trace" ? 1024 : 64;
}

/** The machine, without what boots on it. */
export type Machine = Omit<
  HostBoot,
  keyof EmulatorPrograms | "vmlinux" | "initrd" | "restOfPlan" | "purpose"
>;

/** What the settings make of the host. */
export function machineFor(settings: Settings, image_bytes: number): Machine {
  return {
    memory_mib: hostMemory_mib(settings, image_bytes),
    seed: settings.seed,
    mmu: settings.mmu,
    cpu_model: settings.cpu_model,
    outputRoom_mib: outputRoom_mib(settings),
    swap_mib: settings.swap_mib,
    cpus: settings.host_cpus,
    turn: settings.turn,
    turn_seed: settings.turn_seed,
  };
}

/** The emulator's options for these settings, without where files lie: part of the identity. */
export function machineOf(settings: Settings, image_bytes: number): string[] {
  const boot = {
    ...machineFor(settings, image_bytes),
    emulator: { qemu: "EMULATOR", firmwareDir: "FIRMWARE" },
    vmlinux: "KERNEL",
    initrd: "IMAGE",
    restOfPlan: "PLAN",
    purpose: "",
  };
  const outlets = { output: "OUTPUT", consoleFile: "CONSOLE" };
  return emulatorOf(settings) === "QEMU"
    ? qemuArguments(boot, outlets)
    : bochsOptions(boot, { ...outlets, image: "IMAGE", rom: "FIRMWARE", screenRom: "NOTHING" });
}
