// SPDX-License-Identifier: Apache-2.0
/** What an emulator is asked to run, whichever it is. */
import type { Settings } from "../../contract/settings.ts";
import type { BuiltBochs } from "../../emulator/bochs/build.ts";
import type { BuiltEmulator } from "../../emulator/qemu/build.ts";
import { type EmulatorName, pagingModes, type PagingName } from "../../machines/paging.ts";

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

/** What emulates a machine with these settings. */
export function emulatorOf({ mmu }: Pick<Settings, "mmu">): EmulatorName {
  return pagingModes[mmu].emulator;
}
