/**
 * The settings of a trial: each has a type, a range and a unit, and each can be a factor of an
 * experiment. What is refused here is refused before any work starts.
 */
import { z } from "zod";
import { debianKernels } from "../kernel/debian_kernel.ts";
import { kernelLines } from "../kernel/variants.ts";

const whole = (minimum: number, maximum: number) => z.int().min(minimum).max(maximum);

/** Each of the lab's own by itself and all of them in turn, and the same of Debian's. */
const guestKernelLevels = [kernelLines, debianKernels].flatMap((names) => [
  ...names,
  names.join("+"),
]);

/** The kernels that guests of such a level run. */
export function guestLinesOf(level: string): string[] {
  return level.split("+");
}

/** Keys in the order in which trials are told apart and listed. */
export const settingTypes = {
  workload: z.string().min(1).describe("Folder below workloads/"),
  kernel: z.enum(kernelLines as [string, ...string[]]).describe("Line of the host's kernel"),
  arm: z.enum(["stock", "off", "on", "flip"]).describe(
    "stock: unpatched kernel; off, on: patched kernel and its switch kvm.change_pte; " +
      "flip: the switch changes every 5 ms",
  ),
  seed: whole(1, 1_000_000).describe("Of all random numbers in the host and the guests"),
  carrier: z.enum(["vm", "madvise", "prctl", "mapping"]).describe(
    "What a workload runs as: vm: guests; otherwise plain processes of the host, whose memory is " +
      "offered to KSM with madvise(2) or prctl(2), or who map what they have in common (mapping)",
  ),
  guest_kernel: z.enum(guestKernelLevels as [string, ...string[]]).describe(
    "The guests' kernel: a line of the lab's own small one, or Debian's as it is (debian-...); " +
      "joined by +: guests have them in turn",
  ),
  guests: whole(1, 64).describe("Number of guests"),
  guest_memory_mib: whole(48, 4096).describe("Memory of each guest, MiB"),
  host_memory_mib: whole(0, 65536).describe("Memory of the emulated host, MiB; 0: as needed"),
  swap_mib: whole(0, 65536).describe(
    "Swap of the host on a RAM disk, MiB, whose memory comes on top of the host's; 0: none",
  ),
  mmu: z.enum(["npt", "shadow"]).describe("Second-level page tables in hardware, or shadow paging"),
  thp: z.enum(["never", "madvise", "always"]).describe("The host's transparent huge pages"),
  aslr: z.boolean().describe("Address-space randomisation in the guests"),
  ksm: z.boolean().describe("Whether KSM merges at all"),
  pages_to_scan: whole(1, 1_000_000).describe("KSM: pages a batch"),
  sleep_millisecs: whole(0, 100_000).describe("KSM: pause between batches, ms"),
  use_zero_pages: z.boolean().describe("KSM: merge empty pages with the kernel's zero page"),
  max_page_sharing: whole(2, 1_000_000).describe("KSM: mappings of one merged page"),
  smart_scan: z.enum(["default", "off", "on"]).describe(
    "KSM: pass over pages that did not merge before; default: as the kernel begins (from 6.7)",
  ),
  advisor_mode: z.enum(["default", "none", "scan-time"]).describe(
    "KSM: let the kernel choose pages_to_scan; default: as the kernel begins (from 6.8)",
  ),
  touch_rounds: whole(1, 1000).describe("How often the working set is read after merging"),
  rewrite_permille: whole(1, 1000).describe("Share of the writable pages that rewrite changes"),
  debug_kernel: z.boolean().describe("The host's kernel checks itself: slow, for stress"),
  live: z.boolean().describe("KSM goes on scanning after the merge phase"),
  observe: z.enum(["least", "counters", "costs", "trace"]).describe(
    "What the lab looks at: counters: all; least: only what KSM and KVM count anyway, at the ends " +
      "of phases; costs: all, and the host's locks, TLB flushes and time per exit, which slows it " +
      "down; trace: all, and every fault, exit and page-table change one by one",
  ),
  converge_scans: whole(2, 60).describe("Full scans over which pages_sharing must stand still"),
  converge_tolerance_permille: whole(0, 500).describe("What still counts as standing still"),
  merge_limit_ms: whole(1000, 100_000_000).describe("Longest merge phase, ms of the host's time"),
} as const;

export type SettingName = keyof typeof settingTypes;
export const settingNames = Object.keys(settingTypes) as SettingName[];

export type SettingValue = string | number | boolean;

/** All settings of one trial, with parameters of its workload as "workload.NAME". */
export type Settings =
  & { [Name in SettingName]: z.infer<(typeof settingTypes)[Name]> }
  & { [parameter: `workload.${string}`]: number };

/** What holds where an experiment says nothing. */
export const defaultSettings: Omit<Settings, "workload"> = {
  kernel: "6.1",
  arm: "off",
  seed: 1,
  carrier: "vm",
  guest_kernel: "6.1",
  guests: 4,
  guest_memory_mib: 64,
  host_memory_mib: 0,
  swap_mib: 0,
  mmu: "npt",
  thp: "never",
  aslr: true,
  ksm: true,
  pages_to_scan: 2000,
  sleep_millisecs: 20,
  use_zero_pages: false,
  max_page_sharing: 256,
  smart_scan: "default",
  advisor_mode: "default",
  touch_rounds: 3,
  rewrite_permille: 100,
  debug_kernel: false,
  live: false,
  observe: "counters",
  converge_scans: 3,
  converge_tolerance_permille: 5,
  merge_limit_ms: 600_000,
};

/** The phases of a trial in the order in which they can stand. */
export const phaseNames = [
  "boot",
  "load",
  "settle",
  "grow",
  "merge",
  "census",
  "touch",
  "rewrite",
  "restore",
  "remerge",
  "end",
] as const;

export type PhaseName = (typeof phaseNames)[number];
