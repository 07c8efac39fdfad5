// SPDX-License-Identifier: Apache-2.0
/**
 * The settings of a trial: each stands here and nowhere else, and each can be a factor of an
 * experiment. From here come what experiments are checked by, their JSON Schema, the table in
 * docs/FACTORS.md, the columns of the table `trials`, and the plan.
 */
import { debianKernels, type KernelLine, kernelLines, smpKernels } from "../kernel/lines.ts";
import { pagingModes, pagingNames } from "../machines/paging.ts";
import {
  choice,
  type Level,
  type LevelOf,
  type Name,
  onOff,
  type Setting,
  whole,
} from "./setting.ts";

/** Each by itself, any two of them in turn, and all. */
function alonePairedAndAll(names: readonly string[]): string[] {
  const pairs = names.flatMap((name, at) => names.slice(at + 1).map((other) => `${name}+${other}`));
  return [...new Set([...names, ...pairs, names.join("+")])];
}

/** The lab's own kernels, those for several CPUs, and Debian's; of these no two kinds in turn. */
const guestKernelLevels: string[] = [kernelLines, smpKernels, debianKernels].flatMap(
  alonePairedAndAll,
);

/** The kernels that guests of such a level run. */
export function guestLinesOf(level: string): string[] {
  return level.split("+");
}

/** The settings that have a default, in the order in which trials are told apart and listed. */
const withDefaults = {
  kernel: choice<KernelLine>(kernelLines, {
    default: "6.1",
    after: "boot",
    description: "Line of the host's kernel",
  }),
  /* The switch is a word of the host's kernel; only KSM's merging asks it. */
  arm: choice(["stock", "off", "on", "map", "flip"], {
    default: "off",
    after: "settle",
    description:
      "stock: unpatched kernel; off, on, map: patched kernel and its switch kvm.change_pte, which " +
      "drops a merged page's mapping, updates it, or maps the page anew; flip: it changes every 5 ms",
  }),
  seed: whole(1, 1_000_000, {
    default: 1,
    after: "boot",
    description: "Of all random numbers in the host and the guests",
  }),
  carrier: choice(["vm", "madvise", "prctl", "mapping"], {
    default: "vm",
    after: "boot",
    description:
      "What a workload runs as: vm: guests; otherwise plain processes of the host, whose " +
      "memory is offered to KSM with madvise(2) or prctl(2), or who map what they have in common (mapping)",
  }),
  guest_kernel: choice(guestKernelLevels, {
    default: "6.1",
    after: "boot",
    description: "The guests' kernel: a line of the lab's own small one, for one virtual CPU or " +
      "for several (...-smp), or Debian's as it is (debian-...); joined by +: guests have them in turn",
  }),
  guests: whole(1, 64, { default: 4, after: "boot", description: "Number of guests" }),
  guest_memory_mib: whole(48, 4096, {
    default: 64,
    unit: "MiB",
    after: "boot",
    description: "Memory of each guest",
  }),
  vcpus: whole(1, 8, { default: 1, after: "boot", description: "Virtual CPUs of each guest" }),
  pin: choice(["free", "spread"], {
    default: "free",
    after: "boot",
    description:
      "Where virtual CPUs run: free: where the host's scheduler puts them; spread: each on one " +
      "CPU of the host, given out in turn",
  }),
  host_cpus: choice([1, 2, 4], {
    default: 1,
    after: "boot",
    description: "CPUs of the emulated host",
  }),
  turn: whole(100, 1_000_000, {
    default: 5000,
    unit: "instructions",
    after: "boot",
    description: "Mean length of a CPU's turn, after which the host's next CPU has its own",
  }),
  turn_seed: whole(0, 1_000_000, {
    default: 0,
    after: "boot",
    description:
      "How the turns of the host's CPUs interleave: 0: all turns have one length; otherwise " +
      "each seed draws other lengths",
  }),
  host_memory_mib: whole(0, 65536, {
    default: 0,
    unit: "MiB",
    after: "boot",
    description: "Memory of the emulated host; 0: as needed",
  }),
  swap_mib: whole(0, 65536, {
    default: 0,
    unit: "MiB",
    after: "boot",
    description: "Swap of the host on a RAM disk, whose memory comes on top of the host's; 0: none",
  }),
  mmu: choice(pagingNames, {
    default: "npt",
    after: "boot",
    description: `How the host maps its guests' memory, and so which processor it has and what ` +
      `emulates that: ${
        pagingNames.map((name) => `${name}: ${pagingModes[name].says}`).join("; ")
      } (Intel's, and the other emulator, are Bochs)`,
  }),
  cpu_model: choice(["default", "haswell", "skylake"], {
    default: "default",
    after: "boot",
    young: true,
    description:
      "Intel's processor: haswell: neither page-modification logging nor posted interrupts; " +
      "skylake: both; default: Haswell, where mmu asks for one of Intel's",
  }),
  thp: choice(["never", "madvise", "always"], {
    default: "never",
    after: "boot",
    description: "The host's transparent huge pages",
  }),
  aslr: onOff({
    default: "on",
    after: "boot",
    description: "Address-space randomisation in the guests",
  }),
  /* Guests offer their memory in any case; without it nothing scans. */
  ksm: onOff({ default: "on", after: "settle", description: "KSM: whether it merges at all" }),
  pages_to_scan: whole(1, 1_000_000, {
    default: 2000,
    unit: "pages",
    after: "settle",
    description: "KSM: length of a batch",
  }),
  sleep_millisecs: whole(0, 100_000, {
    default: 20,
    unit: "ms",
    after: "settle",
    description: "KSM: pause between batches",
  }),
  use_zero_pages: onOff({
    default: "off",
    after: "settle",
    description: "KSM: merge empty pages with the kernel's zero page",
  }),
  max_page_sharing: whole(2, 1_000_000, {
    default: 256,
    unit: "mappings",
    after: "settle",
    description: "KSM: most mappings of one merged page",
  }),
  smart_scan: choice(["default", "off", "on"], {
    default: "default",
    after: "settle",
    description: "KSM: pass over pages that did not merge before; default: as the kernel begins " +
      "(the others from 6.7)",
  }),
  advisor_mode: choice(["default", "none", "scan-time"], {
    default: "default",
    after: "settle",
    description: "KSM: let the kernel choose pages_to_scan; default: as the kernel begins " +
      "(the others from 6.8)",
  }),
  touch_rounds: whole(1, 1000, {
    default: 3,
    after: "settle",
    description: "How often the working set is read after merging",
  }),
  /* It acts late, but the guests are told when they load. */
  rewrite_permille: whole(1, 1000, {
    default: 100,
    unit: "permille",
    after: "boot",
    description: "Share of the writable pages that the phase rewrite changes",
  }),
  debug_kernel: onOff({
    default: "off",
    after: "boot",
    description: "The host's kernel checks itself: slow, for stress",
  }),
  live: onOff({
    default: "off",
    after: "settle",
    description: "KSM goes on scanning after the phase merge",
  }),
  observe: choice(["least", "counters", "costs", "trace"], {
    default: "counters",
    after: "boot",
    description:
      "What the lab looks at: counters: all; least: only what KSM and KVM count anyway, at " +
      "the ends of phases; costs: all, and the host's locks, TLB flushes and time per exit, which " +
      "slows it down; trace: all, and every fault, exit and page-table change one by one",
  }),
  converge_scans: whole(2, 60, {
    default: 3,
    unit: "scans",
    after: "settle",
    description: "Full scans over which pages_sharing must stand still before the phase merge ends",
  }),
  converge_tolerance_permille: whole(0, 500, {
    default: 5,
    unit: "permille",
    after: "settle",
    description: "Movement of pages_sharing that still counts as standing still",
  }),
  merge_limit_ms: whole(1000, 100_000_000, {
    default: 600_000,
    unit: "ms",
    after: "settle",
    description: "Longest merge phase, in the host's time",
  }),
} as const;

const workload: Name = {
  kind: "name",
  after: "boot",
  description: "What the guests do: a folder below workloads/",
};

/** All settings by name, in the order in which trials are told apart and listed. */
export const settingDeclarations = { workload, ...withDefaults } as const;

/** Name of a setting. */
export type SettingName = keyof typeof settingDeclarations;
/** All names, in that order. */
export const settingNames = Object.keys(settingDeclarations) as SettingName[];

/** All settings of one trial, with parameters of its workload as "workload.NAME". */
export type Settings =
  & { [Name in SettingName]: LevelOf<(typeof settingDeclarations)[Name]> }
  & { [parameter: `workload.${string}`]: number };

/** Levels by factor; factors with one level are constants. */
export type Factors = Record<string, Level[]>;

/** What holds where an experiment says nothing. */
export const defaultSettings = Object.fromEntries(
  Object.entries(withDefaults).map(([name, setting]) => [name, setting.default]),
) as unknown as Omit<Settings, "workload">;

/** The declaration of a setting of this name; nothing if there is none. */
export function settingOf(name: string): Setting | undefined {
  return Object.hasOwn(settingDeclarations, name)
    ? settingDeclarations[name as SettingName]
    : undefined;
}

/** What parameters of workloads are called as factors. */
export const parameterPattern = /^workload\.[a-z][a-z0-9_]*$/;

/** A setting as whoever carries the trial out reads it: switches are 1 and 0. */
export function planValue(name: string, level: Level): Level {
  return settingOf(name)?.kind === "switch" ? Number(level === "on") : level;
}

/**
 * Settings as identities and plans have them: without those that are young and as they are by default.
 * A trial from before there was such a setting is the same trial.
 */
export function toldSettings<S extends Partial<Settings>>(settings: S): S {
  const told = Object.entries(settings).filter(([name, level]) => {
    const setting = settingOf(name);
    return !(setting?.young === true && "default" in setting && setting.default === level);
  });
  return Object.fromEntries(told) as S;
}
