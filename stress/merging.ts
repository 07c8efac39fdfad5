// SPDX-License-Identifier: Apache-2.0
/** A virtual machine under fire: see programs/merge_under_kvm.c. */
import type { BuiltKernel } from "../kernel/build.ts";
import type { Report } from "../base/report.ts";
import { emulatorOf } from "../hosts/emulated/host_boot.ts";
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
  cpus: 1 | 2 | 4;
  /**
   * With what of the host's memory management as well: with all of it, and how KVM then says which
   * pages are dirty, in the bitmap that is cleared by a call of its own, or in a ring.
   */
  all?: "log-clear" | "log-ring";
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
] as const;

/**
 * All cases of hosts that map memory in these ways.
 *
 * @param only if given, those alone whose titles hold one of these words.
 * @throws {LabError} when there is none.
 */
export function mergingCases(
  mmus: readonly PagingName[],
  only?: readonly string[],
): MergingCase[] {
  const cases: MergingCase[] = mmus.flatMap((mmu) =>
    places.flatMap((place) =>
      (["off", "on", "map", "flip"] as const).map((changePte) => ({ mmu, changePte, ...place }))
    )
  );
  return only === undefined ? cases : chosenBy(only, cases, titleOf);
}

/** A case in words. */
export function titleOf({ mmu, thp, changePte, cpus, all }: MergingCase): string {
  return `${mmu}, THP ${thp}, switch ${changePte}, ${cpus === 1 ? "1 CPU" : `${cpus} CPUs`}` +
    (all === undefined ? "" : `, all that there is, ${all}`);
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
    `the APIC read ${counts.apic_reads} times and its page swapped out ${counts.apic_page_outs} times`;
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
  all?: MergingCase["all"],
): Step {
  const flip = changePte === "flip" ? ["flip"] : [];
  const others = all === undefined ? [] : [...more, all];
  const modes = [...disturbances, ...others, ...flip];
  const command = ["/merge_under_kvm", `${iterations}`, `${seed}`, ...modes];
  return { name: "merge", command };
}

/** @param iterations each makes 64 reads and writes of the guest. */
export async function runMerging(
  one: MergingCase,
  kernel: BuiltKernel,
  programs: CheckPrograms,
  iterations: number,
  report: Report,
): Promise<MergingResult> {
  const { mmu, thp, changePte, cpus, all } = one;
  const { steps, failure } = await runChecks({
    name: ["merging", mmu, thp, changePte, cpus, ...(all === undefined ? [] : [all])].join("-"),
    ...programs,
    vmlinux: kernel.vmlinux,
    mmu,
    memory_mib: 512,
    ...(cpus === 1 ? {} : { turns: turnsOf(mmu, cpus) }),
    files: { merge_under_kvm: await buildCheckProgram("merge_under_kvm", report) },
    steps: [
      { name: "thp", command: ["write", thpPath, thp] },
      writeSwitch(changePte),
      mergingStep(changePte, iterations, 1, all),
    ],
    stepLimit_s: 600,
  }, report);
  const [step] = steps;
  const wrong = failure ?? (step?.status === 0 ? undefined : step?.output ?? "no answer");
  return { ...one, failure: wrong, counts: countsIn(step?.output ?? "") };
}

function turnsOf(mmu: PagingName, cpus: 2 | 4) {
  return emulatorOf({ mmu }) === "Bochs" ? { cpus } : { cpus, turn, turn_seed: 1 };
}

function countsIn(output: string): Record<string, number> {
  return Object.fromEntries(
    [...output.matchAll(/(\w+)=(\d+)/g)].map(([, name, count]) => [name!, Number(count)]),
  );
}
