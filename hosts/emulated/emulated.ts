/** The host kind `emulated`: a trial is carried out in the emulated host. */
import { join } from "@std/path";
import type { BuiltEmulator } from "../../emulator/qemu/build.ts";
import type { BuiltImage } from "../../images/build.ts";
import { cpio } from "../../images/cpio.ts";
import type { BuiltKernel } from "../../kernel/build.ts";
import { bootHost, emulatorArguments, type HostOutcome } from "./boot.ts";
import { hostMemory_mib, planText, type Trial } from "../../bench/plan.ts";
import type { Settings } from "../../bench/settings.ts";

/** What a trial runs on. */
export interface TrialParts {
  hostKernel: BuiltKernel;
  emulator: BuiltEmulator;
  image: BuiltImage;
}

/** Of the records; a raw trace has millions of events. Room that is not used costs nothing. */
function outputRoom_mib({ observe }: Settings): number {
  return observe === "trace" ? 1024 : 64;
}

/** A trial takes about a minute; whatever has not ended by then never will. */
const wallLimit_s = 3600;

/**
 * Carries out one trial.
 *
 * @param scratch an empty folder for the files that the emulator needs.
 * @param onRecords called with whole lines as they appear.
 */
export async function runEmulated(
  trial: Trial,
  { hostKernel, emulator, image }: TrialParts,
  scratch: string,
  onRecords: (lines: string) => void,
  signal: AbortSignal,
): Promise<HostOutcome> {
  const initrd = join(scratch, "initrd.cpio");
  await writeInitrd(initrd, trial, image);
  const boot = {
    ...machineFor(trial.settings, (await Deno.stat(image.path)).size),
    emulator,
    vmlinux: hostKernel.vmlinux,
    initrd,
    purpose: `run the trial ${trial.id}`,
    timeLimit_s: wallLimit_s,
  };
  return await bootHost(boot, scratch, onRecords, signal);
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

/** The image, and behind it an archive with the plan. */
async function writeInitrd(path: string, trial: Trial, image: BuiltImage): Promise<void> {
  await Deno.copyFile(image.path, path);
  await Deno.writeFile(path, planArchive(trial, image), { append: true });
}

/** What goes behind the image. */
export function planArchive(trial: Trial, { disk }: Pick<BuiltImage, "disk">): Uint8Array {
  return cpio([{ path: "plan", data: new TextEncoder().encode(planText(trial, disk)) }]);
}
