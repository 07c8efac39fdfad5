// SPDX-License-Identifier: Apache-2.0
/** How QEMU is told which machine it is: its arguments are part of what makes a trial exact. */
import { icountShift } from "./clock.ts";
import { kernelArguments } from "./kernel_arguments.ts";
import type { HostBoot, Outlets } from "./host_boot.ts";

/** QEMU's arguments for a boot. */
export function qemuArguments(boot: HostBoot, { output, consoleFile }: Outlets): string[] {
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
    ["-append", kernelArguments(boot).join(" ")],
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
