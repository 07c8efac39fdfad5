// SPDX-License-Identifier: Apache-2.0
/**
 * The emulated machine: what settings make of it, whichever emulator it runs in. How each emulator is told is
 * a file of its own: qemu.ts, bochs.ts.
 */
import type { BuiltBochs } from "../../emulator/bochs/build.ts";
import type { BuiltEmulator } from "../../emulator/qemu/build.ts";
import type { Settings } from "../../contract/settings.ts";
import { type EmulatorName, pagingModes, type PagingName } from "../../machines/paging.ts";
import { bochsOptions } from "./bochs.ts";
import { hostMemory_mib } from "./memory.ts";
import { qemuArguments } from "./qemu.ts";

/** The programs of which one runs the machine. */
export interface EmulatorPrograms {
  emulator: Pick<BuiltEmulator, "qemu" | "firmwareDir">;
  /** Where a machine needs it. */
  bochs?: Pick<BuiltBochs, "bochs" | "rom"> | undefined;
}

/** What boots, and on how much. */
export interface HostBoot extends EmulatorPrograms {
  vmlinux: string;
  initrd: string;
  memory_mib: number;
  seed: number;
  /** How the host's KVM maps its guests' memory. */
  mmu: PagingName;
  /** Which of Intel's processors it is, where it is one. */
  cpu_model?: Settings["cpu_model"];
  /** CPUs, 1 if not given. */
  cpus?: number;
  /** Mean instructions that a CPU has before the next one's turn; the emulator's own if not given. */
  turn?: number;
  /** Which lengths turns have, if not all the same: of the generator that draws them. 0: all the same. */
  turn_seed?: number;
  /** The rest of the plan, for the device that takes checkpoints; none where the trial cannot fork. */
  restOfPlan?: string | undefined;
  /** Where the checkpoint is saved, and the machine ends there. */
  saveTo?: string | undefined;
  /** The saved state that the machine goes on from, instead of booting. */
  goOnFrom?: string | undefined;
  /** Room for records. */
  outputRoom_mib: number;
  /** Size of a RAM disk for swap; 0: none. */
  swap_mib?: number;
  /** What is being done, for errors. */
  purpose: string;
}

/** Where a machine's words come out. */
export interface Outlets {
  /** The shared memory with the records. */
  output: string;
  /** What the host's kernel says. */
  consoleFile: string;
}

/** Of the records; a raw trace has millions of events. Room that is not used costs nothing. */
export function outputRoom_mib({ observe }: Pick<Settings, "observe">): number {
  return observe === "trace" ? 1024 : 64;
}

/** The machine, without what boots on it. */
export type Machine = Omit<
  HostBoot,
  keyof EmulatorPrograms | "vmlinux" | "initrd" | "restOfPlan" | "purpose"
>;

/** What emulates a machine with these settings. */
export function emulatorOf({ mmu }: Pick<Settings, "mmu">): EmulatorName {
  return pagingModes[mmu].emulator;
}

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
