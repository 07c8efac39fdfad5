// SPDX-License-Identifier: Apache-2.0
/** What users of MMU notifiers are told while KSM merges and breaks pages: see notifier_probe.c. */
import type { BuiltEmulator } from "../emulator/qemu/build.ts";
import { buildKernel } from "../kernel/build.ts";
import { buildNotifierProbe } from "./module.ts";
import type { KernelLine } from "../kernel/lines.ts";
import { LabError } from "../base/errors.ts";
import type { Report } from "../base/report.ts";
import { buildCheckProgram, runChecks } from "./host.ts";

/** Cumulative counts of one user; the names are the module's. */
export type NotifierCounts = Record<string, number>;

export interface NotifierProof {
  /** Distinct contents, and copies of each, that KSM merges. */
  contents: number;
  copies: number;
  /** After merging. */
  merge: { with_change_pte: NotifierCounts; without_change_pte: NotifierCounts };
  /** After a write to one copy of each content. */
  break: { with_change_pte: NotifierCounts; without_change_pte: NotifierCounts };
}

/** As the program has them. */
const contents = 64;
const copies = 3;

/** "STEP USER NAME=COUNT ..." lines, by step and user. */
export function parseCounts(output: string): Record<string, Record<string, NotifierCounts>> {
  const steps: Record<string, Record<string, NotifierCounts>> = {};
  for (const line of output.split("\n").filter((each) => each.includes("="))) {
    const [step, user, ...pairs] = line.trim().split(" ");
    const counts = pairs.map((pair) => pair.split("=")).map(([name, count]) =>
      [name!, Number(count)] as const
    );
    (steps[step!] ??= {})[user!] = Object.fromEntries(counts);
  }
  return steps;
}

/** @throws {LabError} when the host complains or the program fails. */
export async function watchMerging(
  line: KernelLine,
  emulator: BuiltEmulator,
  report: Report,
): Promise<NotifierProof> {
  const kernel = await buildKernel({ line, variant: "patched" }, report);
  const { steps, failure } = await runChecks({
    name: `notifiers-${line}`,
    emulator,
    vmlinux: kernel.vmlinux,
    mmu: "npt",
    memory_mib: 256,
    files: {
      "notifier_probe.ko": await buildNotifierProbe(line, report),
      watch_merging: await buildCheckProgram("watch_merging", report),
    },
    steps: [
      { name: "module", command: ["load", "/notifier_probe.ko"] },
      { name: "watch", command: ["/watch_merging"] },
    ],
    stepLimit_s: 120,
  }, report);
  const [step] = steps;
  if (failure !== undefined || step === undefined || step.status !== 0) {
    throw new LabError(
      `The notifiers of ${line} could not be watched: ${failure ?? step?.output ?? "no answer"}`,
    );
  }
  return { contents, copies, ...parseCounts(step.output) } as unknown as NotifierProof;
}

/**
 * What is wrong with the proof, in words; nothing if it holds. KSM write-protects each page it
 * merges, and replaces each but the first copy, which becomes the merged page.
 */
export function objections(proof: NotifierProof): string[] {
  const { with_change_pte: user, without_change_pte: other } = proof.merge;
  const changes = proof.contents * (2 * proof.copies - 1);
  const broken = proof.break.with_change_pte;
  const expectations: [string, number | undefined, number][] = [
    ["change_pte() while merging", user.changes, changes],
    ["change_pte() outside of an invalidation", user.changes_outside, 0],
    ["change_pte() with the PTE still there", user.changes_present, 0],
    ["change_pte() to a writable PTE while merging", user.changes_writable, 0],
    ["change_pte() told to a user without it", other.changes, 0],
    ["invalidations told to a user without change_pte()", other.starts, user.starts!],
    ["ends told to a user without change_pte()", other.ends, other.starts!],
    [
      "promises of change_pte() while pages are broken",
      broken.starts_change_pte! - user.starts_change_pte!,
      0,
    ],
    ["invalidations while pages are broken", broken.starts! - user.starts!, proof.contents],
  ];
  const wrong = expectations.filter(([, seen, expected]) => seen !== expected)
    .map(([what, seen, expected]) => `${what}: ${seen} instead of ${expected}`);
  if (!(user.starts_change_pte! >= user.changes!)) {
    wrong.push(
      `${user.changes} calls of change_pte() with only ${user.starts_change_pte} promises`,
    );
  }
  return wrong;
}
