/**
 * The emulated machine: what settings make of it, and the emulator's arguments, which are part of what
 * makes a trial exact.
 */
import type { BuiltEmulator } from "../../emulator/qemu/build.ts";
import type { Settings } from "../../bench/settings.ts";
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
  /** Room for records. */
  outputRoom_mib: number;
  /** Size of a RAM disk for swap; 0: none. */
  swap_mib?: number;
  /** What is being done, for errors. */
  purpose: string;
  /** After this much wall time the emulator is ended. */
  timeLimit_s: number;
}

/**
 * One executed instruction is 2^3 = 8 ns of the host's time; idle time is skipped. The TSC then
 * counts nanoseconds.
 */
const icountShift = 3;

/** Of the records; a raw trace has millions of events. Room that is not used costs nothing. */
function outputRoom_mib({ observe }: Settings): number {
  return observe === "trace" ? 1024 : 64;
}

/** What the settings make of the host. */
export function machineFor(settings: Settings, image_bytes: number) {
  return {
    memory_mib: hostMemory_mib(settings, image_bytes),
    seed: settings.seed,
    mmu: settings.mmu,
    outputRoom_mib: outputRoom_mib(settings),
    swap_mib: settings.swap_mib,
  };
}

/** The emulator's options for these settings, without where files lie: part of the identity. */
export function machineOf(settings: Settings, image_bytes: number): string[] {
  const boot = {
    ...machineFor(settings, image_bytes),
    emulator: { qemu: "EMULATOR", firmwareDir: "FIRMWARE" },
    vmlinux: "KERNEL",
    initrd: "IMAGE",
    purpose: "",
    timeLimit_s: 0,
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
  const memoryBackend =
    `memory-backend-file,id=output,share=on,mem-path=${output},size=${boot.outputRoom_mib}M`;
  return [
    ["-L", boot.emulator.firmwareDir],
    ["-M", "pc"],
    ["-accel", "tcg,thread=single"],
    ["-icount", `shift=${icountShift},sleep=off`],
    ["-rtc", "base=2026-01-01,clock=vm"],
    ["-seed", `${boot.seed}`],
    ["-smp", "1"],
    ["-cpu", "EPYC,+svm,+npt"],
    ["-m", `${boot.memory_mib}M`],
    ["-nodefaults"],
    ["-no-user-config"],
    ["-no-reboot"],
    ["-display", "none"],
    ["-serial", `file:${consoleFile}`],
    ["-object", memoryBackend],
    ["-device", "ivshmem-plain,memdev=output"],
    ["-kernel", boot.vmlinux],
    ["-initrd", boot.initrd],
    ["-append", kernelArguments.join(" ")],
  ].flat();
}
