// SPDX-License-Identifier: Apache-2.0
/** A virtual machine under fire: see programs/merge_under_kvm.c. */
import type { BuiltKernel } from "../kernel/build.ts";
import type { Report } from "../base/report.ts";
import { emulatorOf } from "../hosts/emulated/host_boot.ts";
import { variantFor } from "../hosts/emulated/parts.ts";
import type { KernelVariant } from "../kernel/lines.ts";
import type { PagingName } from "../machines/paging.ts";
import { chosenBy } from "./chosen.ts";
import { buildCheckProgram, type CheckPrograms, runChecks, type Step } from "./host.ts";

/** State of kvm.change_pte at the beginning; `flip` changes it all the time. */
export type SwitchState = "off" | "on" | "map" | "flip";

export interface MergingCase {
  mmu: PagingName;
  thp: "never" | "always";
  changePte: SwitchState;
  /** Of the host. Only with several does a flush have to interrupt anybody. */
  cpus: 1 | 2 | 4 | 8;
  /**
   * With what of the host's memory management as well: with all of it, and how KVM then says which
   * pages are dirty, in the bitmap that is cleared by a call of its own, or in a ring.
   */
  all?: "log-clear" | "log-ring";
  /**
   * On a kernel with checks of its own, where a memslot on hugetlbfs is beside; or one that counts
   * how long locks are held. Otherwise that which is measured.
   */
  kernel?: "debug" | "locks";
  /** One that is not what its emulator has otherwise: Skylake logs dirty pages itself (PML). */
  cpu_model?: "skylake";
  /** Virtual CPUs of the guest that read all the time, besides the first; 0 if not given. */
  spinning?: number;
}

export interface MergingResult extends MergingCase {
  failure: string | undefined;
  /** By the program's names. */
  counts: Record<string, number>;
}

const changePtePath = "/sys/module/kvm/parameters/change_pte";
const thpPath = "/sys/kernel/mm/transparent_hugepage/enabled";

/** What can get in the way of merging, besides the switch. */
const disturbances = ["dirty-log", "slots", "age", "drop"];

/** And what does so less often. */
const more = ["swap", "compact", "zero", "unmerge", "apic"];

/** Mean instructions of a CPU's turn where there are several. In Bochs turns have one length alone. */
const turn = 3000;

const places = [
  { thp: "never", cpus: 1 },
  { thp: "always", cpus: 1 },
  { thp: "never", cpus: 2 },
  { thp: "never", cpus: 4 },
  { thp: "never", cpus: 1, all: "log-clear" },
  { thp: "always", cpus: 1, all: "log-ring" },
  { thp: "never", cpus: 2, all: "log-ring" },
  { thp: "never", cpus: 2, all: "log-clear", kernel: "debug" },
] as const;

/** Where entries have dirty bits, and the processor a log of them. */
const withPml = { thp: "never", cpus: 1, all: "log-clear", cpu_model: "skylake" } as const;

/** Each makes 64 reads and writes of the guest. A kernel that checks itself is ten times as slow. */
const iterationsOn = { patched: 4000, debug: 800, locks: 16_000 } as const;

/**
 * All cases of hosts that map memory in these ways.
 *
 * @param only if given, those alone whose titles hold one of these words.
 * @throws {LabError} when there is none.
 */
export function mergingCases(
  mmus: readonly PagingName[],
  only?: readonly string[],
): readonly MergingCase[] {
  const cases: MergingCase[] = mmus.flatMap((mmu) =>
    [...places, ...(mmu === "ept" ? [withPml] : [])].flatMap((place) =>
      (["off", "on", "map", "flip"] as const).map((changePte) => ({ mmu, changePte, ...place }))
    )
  );
  return chosenBy(only, cases, titleOf);
}

/** A case in words. */
export function titleOf(one: MergingCase): string {
  const { mmu, thp, changePte, cpus, all, kernel, cpu_model, spinning = 0 } = one;
  return `${mmu}, THP ${thp}, switch ${changePte}, ${cpus === 1 ? "1 CPU" : `${cpus} CPUs`}` +
    (all === undefined ? "" : `, all that there is, ${all}`) +
    (spinning === 0 ? "" : `, ${spinning} virtual CPU${spinning === 1 ? "" : "s"} spinning`) +
    (cpu_model === undefined ? "" : `, ${cpu_model}`) +
    (kernel === undefined ? "" : `, kernel ${kernel}`);
}

/** What became of mappings, by the kernel's counters. */
export function mappingsIn(counts: Record<string, number>): string {
  return `mappings updated ${counts.change_pte_updated}, zapped ${counts.change_pte_zapped}, mapped ` +
    `anew ${counts.change_pte_mapped}, dropped ${counts.change_pte_unmapped}, skipped ` +
    `${counts.change_pte_skipped}; ${counts.remote_tlb_flush_requests} flushes asked for, ` +
    `${counts.remote_tlb_flush} with an interrupt`;
}

/** What else happened to the pages, by the program's counters and the kernel's. */
export function troubleIn(counts: Record<string, number>): string {
  return `${counts.swapped_out} pages swapped out, ${counts.migrated} moved, unmerged ` +
    `${counts.unmerges} times, zero pages switched ${counts.zero_flips} times, ` +
    `the APIC read ${counts.apic_reads} times and its page swapped out ${counts.apic_page_outs} times` +
    (counts.huge_reads === 0
      ? ""
      : `; ${counts.huge_reads} reads and ${counts.huge_writes} writes ` +
        `on hugetlbfs, ${counts.huge_drops} pages of it dropped`);
}

/** Sets the switch. */
export function writeSwitch(changePte: SwitchState): Step {
  const text = { off: "N", on: "update", map: "map", flip: "N" };
  return { name: "switch", command: ["write", changePtePath, text[changePte]] };
}

/**
 * Runs the program, which must be there as /merge_under_kvm.
 *
 * @param iterations each makes 64 reads and writes of the guest.
 */
export function mergingStep(
  changePte: SwitchState | "none",
  iterations: number,
  seed: number,
  { all, kernel, spinning = 0 }: Pick<MergingCase, "all" | "kernel" | "spinning"> = {},
): Step {
  /* Where locks are counted, nothing else gets in the way of merging. */
  const modes = kernel === "locks" ? ["locks"] : [...disturbances];
  if (kernel === "debug") modes.push("hugetlb");
  if (all !== undefined) modes.push(...more, all);
  if (spinning > 0) modes.push(`spin=${spinning}`);
  if (changePte === "flip") modes.push("flip");
  const command = ["/merge_under_kvm", `${iterations}`, `${seed}`, ...modes];
  return { name: "merge", command };
}

/** The kernel that a case boots. */
export function kernelOf({ mmu, kernel }: MergingCase): KernelVariant {
  return variantFor(mmu, kernel ?? "patched");
}

/**
 * @param booted the kernel of {@linkcode kernelOf}.
 * @param iterations each makes 64 reads and writes of the guest; as many as its kernel is fast
 * enough for if not given.
 */
export async function runMerging(
  one: MergingCase,
  booted: BuiltKernel,
  programs: CheckPrograms,
  report: Report,
  iterations: number = iterationsOn[one.kernel ?? "patched"],
): Promise<MergingResult> {
  const { mmu, thp, changePte, cpus, all, kernel, spinning, cpu_model } = one;
  const besides = [all, kernel, spinning, cpu_model].filter((word) => word !== undefined);
  const { steps, failure } = await runChecks({
    name: ["merging", mmu, thp, changePte, cpus, ...besides].join("-"),
    ...programs,
    vmlinux: booted.vmlinux,
    mmu,
    ...(cpu_model === undefined ? {} : { cpu_model }),
    memory_mib: kernel === "debug" ? 1024 : 512,
    ...(cpus === 1 ? {} : { turns: turnsOf(mmu, cpus) }),
    files: { merge_under_kvm: await buildCheckProgram("merge_under_kvm", report) },
    steps: [
      { name: "thp", command: ["write", thpPath, thp] },
      writeSwitch(changePte),
      mergingStep(changePte, iterations, 1, one),
    ],
    stepLimit_s: 600,
  }, report);
  const [step] = steps;
  const wrong = failure ?? (step?.status === 0 ? undefined : step?.output ?? "no answer");
  return { ...one, failure: wrong, counts: countsIn(step?.output ?? "") };
}

function turnsOf(mmu: PagingName, cpus: number) {
  return emulatorOf({ mmu }) === "Bochs" ? { cpus } : { cpus, turn, turn_seed: 1 };
}

function countsIn(output: string): Record<string, number> {
  return Object.fromEntries(
    [...output.matchAll(/(\w+)=(\d+)/g)].map(([, name, count]) => [name!, Number(count)]),
  );
}
