// SPDX-License-Identifier: Apache-2.0
/**
 * How Bochs is told which machine it is: a configuration, whose lines are part of what makes a trial
 * exact, and files beside it. Records leave through the end of its memory, which is shared.
 */
import { join } from "@std/path";
import { writing } from "../../base/full_disk.ts";
import { LabError } from "../../base/errors.ts";
import { romFor } from "../../emulator/bochs/mp_table.ts";
import type { PlanLine } from "../../contract/plan.ts";
import { pagingModes } from "../../machines/paging.ts";
import { bochsTickHz } from "./clock.ts";
import { kernelArguments } from "./kernel_arguments.ts";
import type { HostBoot, Outlets } from "./host_boot.ts";
import { ramPieces, writeRam } from "./ram_image.ts";

/** Files of a machine, besides where its words come out. */
export interface BochsFiles {
  /** What its memory begins with. */
  image: string;
  /** Its firmware. */
  rom: string;
  /** That of a screen that nobody uses: Bochs has one in each machine. */
  screenRom: string;
}

/** The least that it takes for one: nothing. */
const emptyRom = new Uint8Array(512);

/** 2026-01-01, as in the other emulator. */
const begins_s = 1_767_225_600;

/** As it is configured, it takes no more in its `host` memory; records are in it. */
export const mostBochs_mib = 2048;

/** Raised when ram_image.ts or mp_table.ts change what the machine begins with. */
const layout = 1;

/** Bochs' names of processors. */
const models = { haswell: "corei7_haswell_4770", skylake: "corei7_skylake_x", amd: "ryzen" };

/**
 * The lines of the configuration.
 *
 * What is logged of information is thousands of lines a trial, and changes nothing inside.
 */
export function bochsOptions(
  boot: Omit<HostBoot, "emulator" | "bochs">,
  { output, consoleFile, image, rom, screenRom }: Outlets & BochsFiles,
): string[] {
  const { cpus = 1, memory_mib, outputRoom_mib } = boot;
  const all_mib = memory_mib + outputRoom_mib;
  return [
    "display_library: nogui",
    `cpu: model=${modelOf(boot)}, count=${cpus}, ips=${bochsTickHz}, random_seed=${boot.seed}, ` +
    "reset_on_triple_fault=0, ignore_bad_msrs=1",
    `memory: guest=${all_mib}, host=${all_mib}, image=${quoted(image)}, shared=${quoted(output)}`,
    `romimage: file=${quoted(rom)}, address=0xffff0000`,
    `vgaromimage: file=${quoted(screenRom)}`,
    "vga: extension=none, update_freq=1, realtime=0",
    "pci: enabled=1, chipset=i440fx",
    `clock: sync=none, time0=${begins_s}`,
    `com1: enabled=1, mode=file, dev=${quoted(consoleFile)}`,
    "boot: disk",
    "log: -",
    "panic: action=fatal",
    "error: action=ignore",
    "info: action=ignore",
    "debug: action=ignore",
    `# memory as of layout ${layout}, with the kernel's arguments ${
      kernelArguments(boot).join(" ")
    }`,
  ];
}

function modelOf({ mmu, cpu_model = "default" }: Pick<HostBoot, "mmu" | "cpu_model">): string {
  if (pagingModes[mmu].vendor === "svm") return models.amd;
  return models[cpu_model === "default" ? "haswell" : cpu_model];
}

/** A path in a line. Whatever stands between quotation marks is taken as it is, but for these. */
function quoted(path: string): string {
  if (/["$\n]/.test(path)) {
    throw new LabError(
      `Cannot boot the host: Bochs cannot read the path ${JSON.stringify(path)}`,
      "Point XDG_CACHE_HOME to a folder whose path has neither quotation marks nor dollar signs",
    );
  }
  return `"${path}"`;
}

/**
 * Writes what the machine needs into a folder.
 *
 * @returns Bochs' arguments.
 * @throws {LabError} when the kernel cannot be entered by PVH, or the memory is too small.
 */
export async function prepareBochs(
  boot: HostBoot,
  outlets: Outlets,
  folder: string,
): Promise<string[]> {
  const files = {
    image: join(folder, "ram"),
    rom: join(folder, "rom"),
    screenRom: join(folder, "screen-rom"),
  };
  const configuration = join(folder, "bochsrc");
  const pieces = ramPieces({
    kernel: await Deno.readFile(boot.vmlinux),
    archive: await Deno.readFile(boot.initrd),
    commandLine: kernelArguments(boot).join(" "),
    memory_mib: boot.memory_mib,
    shared_mib: boot.outputRoom_mib,
  });
  await writing(files.image, async () => {
    await writeRam(files.image, pieces, boot.memory_mib);
    await Deno.writeFile(files.rom, romFor(await Deno.readFile(boot.bochs!.rom), boot.cpus ?? 1));
    await Deno.writeFile(files.screenRom, emptyRom);
    await Deno.writeTextFile(
      configuration,
      `${bochsOptions(boot, { ...outlets, ...files }).join("\n")}\n`,
    );
  });
  return ["-q", "-f", configuration];
}

/** What the agent in such a machine is told: the shared memory lies behind the machine's own. */
export function bochsPlanLines(
  { memory_mib, outputRoom_mib }: Pick<HostBoot, "memory_mib" | "outputRoom_mib">,
): PlanLine[] {
  const [at, bytes] = [memory_mib, outputRoom_mib].map((mib) => mib * 2 ** 20);
  return [
    ["output", `physical:${at},${bytes}`],
    ["ticks_an_instruction", 1],
    ["tick_hz", bochsTickHz],
  ];
}
