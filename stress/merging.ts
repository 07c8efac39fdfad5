// SPDX-License-Identifier: Apache-2.0
/** A virtual machine under fire: see programs/merge_under_kvm.c. */
import type { BuiltEmulator } from "../emulator/qemu/build.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import type { Report } from "../base/report.ts";
import { buildCheckProgram, runChecks, type Step } from "./host.ts";

/** State of kvm.change_pte at the beginning; `flip` changes it all the time. */
export type SwitchState = "off" | "on" | "map" | "flip";

export interface MergingCase {
  mmu: "npt" | "shadow";
  thp: "never" | "always";
  changePte: SwitchState;
  /** Of the host. Only with several does a flush have to interrupt anybody. */
  cpus: 1 | 2;
}

export interface MergingResult extends MergingCase {
  failure: string | undefined;
  /** By the program's names. */
  counts: Record<string, number>;
}

const changePtePath = "/sys/module/kvm/parameters/change_pte";
const thpPath = "/sys/kernel/mm/transparent_hugepage/enabled";

/** All that can get in the way of merging, besides the switch. */
const disturbances = ["dirty-log", "slots", "age", "drop"];

/** Mean instructions of a CPU's turn where there are several. */
const turn = 3000;

const places = [["never", 1], ["always", 1], ["never", 2]] as const;

export const mergingCases: MergingCase[] = (["npt", "shadow"] as const).flatMap((mmu) =>
  places.flatMap(([thp, cpus]) =>
    (["off", "on", "map", "flip"] as const).map((changePte) => ({ mmu, thp, changePte, cpus }))
  )
);

/** What became of mappings, by the kernel's counters. */
export function mappingsIn(counts: Record<string, number>): string {
  return `mappings updated ${counts.change_pte_updated}, zapped ${counts.change_pte_zapped}, mapped ` +
    `anew ${counts.change_pte_mapped}, dropped ${counts.change_pte_unmapped}, skipped ` +
    `${counts.change_pte_skipped}; ${counts.remote_tlb_flush_requests} flushes asked for, ` +
    `${counts.remote_tlb_flush} with an interrupt`;
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
): Step {
  const flip = changePte === "flip" ? ["flip"] : [];
  const command = ["/merge_under_kvm", `${iterations}`, `${seed}`, ...disturbances, ...flip];
  return { name: "merge", command };
}

/** @param iterations each makes 64 reads and writes of the guest. */
export async function runMerging(
  { mmu, thp, changePte, cpus }: MergingCase,
  kernel: BuiltKernel,
  emulator: BuiltEmulator,
  iterations: number,
  report: Report,
): Promise<MergingResult> {
  const { steps, failure } = await runChecks({
    name: `merging-${mmu}-${thp}-${changePte}-${cpus}`,
    emulator,
    vmlinux: kernel.vmlinux,
    mmu,
    memory_mib: 512,
    ...(cpus === 1 ? {} : { turns: { cpus, turn, turn_seed: 1 } }),
    files: { merge_under_kvm: await buildCheckProgram("merge_under_kvm", report) },
    steps: [
      { name: "thp", command: ["write", thpPath, thp] },
      writeSwitch(changePte),
      mergingStep(changePte, iterations, 1),
    ],
    stepLimit_s: 600,
  }, report);
  const [step] = steps;
  const wrong = failure ?? (step?.status === 0 ? undefined : step?.output ?? "no answer");
  return { mmu, thp, changePte, cpus, failure: wrong, counts: countsIn(step?.output ?? "") };
}

function countsIn(output: string): Record<string, number> {
  return Object.fromEntries(
    [...output.matchAll(/(\w+)=(\d+)/g)].map(([, name, count]) => [name!, Number(count)]),
  );
}
