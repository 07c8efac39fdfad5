// SPDX-License-Identifier: Apache-2.0
/**
 * The emulated machine: what settings make of it, and the emulator's arguments, which are part of what
 * makes a trial exact.
 */
import type { BuiltEmulator } from "../../emulator/qemu/build.ts";
import type { Settings } from "../../contract/settings.ts";
import { icountShift } from "./clock.ts";
import { hostMemory_mib } from "./memory.ts";

/** What boots, and on how much. */
export interface HostBoot {
  emulator: Pick<BuiltEmulator, "qemu" | "firmwareDir">;
  vmlinux: string;
  initrd: string;
  memory_mib: number;
  seed: number;
  /** How the host's KVM maps its guests' memory. */
  mmu: "npt" | "shadow";
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

/** Of the records; a raw trace has millions of events. Room that is not used costs nothing. */
function outputRoom_mib({ observe }: Settings): number {
  return observe === "trace" ? 1024 : 64;
}

/** The machine, without what boots on it. */
export type Machine = Omit<
  HostBoot,
  "emulator" | "vmlinux" | "initrd" | "restOfPlan" | "purpose"
>;

/** What the settings make of the host. */
export function machineFor(settings: Settings, image_bytes: number): Machine {
  return {
    memory_mib: hostMemory_mib(settings, image_bytes),
    seed: settings.seed,
    mmu: settings.mmu,
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
  return emulatorArguments(boot, { output: "OUTPUT", consoleFile: "CONSOLE" });
}

/** The emulator's arguments for a boot. */
export function emulatorArguments(
  boot: HostBoot,
  { output, consoleFile }: { output: string; consoleFile: string },
): string[] {
  const kernelArguments = [
    "console=ttyS0",
    "loglevel=5",
    "panic=-1",
    "reboot=t",
    "tsc=reliable",
    `kvm_amd.npt=${boot.mmu === "npt" ? 1 : 0}`,
    ...((boot.swap_mib ?? 0) > 0 ? ["brd.rd_nr=1", `brd.rd_size=${boot.swap_mib! * 1024}`] : []),
  ];
  const memoryBackend = `memory-backend-file,id=output,share=on,mem-path=${
    optionValue(output)
  },size=${boot.outputRoom_mib}M`;
  return [
    ["-L", boot.emulator.firmwareDir],
    ["-M", "pc"],
    ["-accel", "tcg,thread=single"],
    ["-icount", [`shift=${icountShift},sleep=off`, ...turnsOf(boot)].join(",")],
    ["-rtc", "base=2026-01-01,clock=vm"],
    ["-seed", `${boot.seed}`],
    ["-smp", smpOf(boot)],
    ["-cpu", "EPYC,+svm,+npt"],
    ["-m", `${boot.memory_mib}M`],
    ["-nodefaults"],
    ["-no-user-config"],
    ["-no-reboot"],
    ["-display", "none"],
    ["-serial", `file:${optionValue(consoleFile)}`],
    ["-object", memoryBackend],
    ["-device", "ivshmem-plain,memdev=output,master=on"],
    ["-device", checkpointDevice(boot)],
    ...(boot.goOnFrom === undefined ? [] : [["-incoming", `file:${boot.goOnFrom}`]]),
    ["-kernel", boot.vmlinux],
    ["-initrd", boot.initrd],
    ["-append", kernelArguments.join(" ")],
  ].flat();
}

/** The device that takes checkpoints. It is in every machine, so that all of them are alike. */
function checkpointDevice({ restOfPlan, saveTo }: HostBoot): string {
  return [
    "lab-checkpoint",
    ...(restOfPlan === undefined ? [] : [`plan=${optionValue(restOfPlan)}`]),
    ...(saveTo === undefined ? [] : [`file=${optionValue(saveTo)}`]),
  ].join(",");
}

/** A comma would end it. */
function optionValue(text: string): string {
  return text.replaceAll(",", ",,");
}

/** The firmware's table lists the first CPU of each package, and the host's kernel has no other. */
function smpOf({ cpus = 1 }: HostBoot): string {
  return cpus === 1 ? "1" : `${cpus},sockets=${cpus}`;
}

/** Nobody takes turns with a single CPU, so that there its settings say nothing. */
function turnsOf({ cpus = 1, turn, turn_seed = 0 }: HostBoot): string[] {
  if (cpus === 1) return [];
  return [
    ...(turn === undefined ? [] : [`turn=${turn}`]),
    ...(turn_seed === 0 ? [] : [`turn-seed=${turn_seed}`]),
  ];
}
