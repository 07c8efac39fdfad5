// SPDX-License-Identifier: Apache-2.0
/**
 * `lab stress flushes`: what merging costs between CPUs with each way of `kvm.change_pte`: vmexits,
 * flushes that interrupt, how long locks are held, and what running virtual CPUs get done. Figures
 * rather than a judgement. The kernel counts how long locks are held (CONFIG_LOCK_STAT), and its
 * bookkeeping is in each of these times.
 */
import type { PagingName } from "../machines/paging.ts";
import { chosenBy } from "./chosen.ts";
import { mappingsIn, type MergingCase, titleOf } from "./merging.ts";

/** By the program's names, see programs/locks.c. */
const lockNames = {
  page_table_lock: "page-table locks",
  mmu_lock_write: "mmu_lock for writing",
  mmu_lock_read: "mmu_lock for reading",
} as const;

/**
 * CPUs of the host, and how many virtual CPUs of the guest read all the time besides its first. One
 * CPU is left to ksmd where there are several.
 */
const places = [
  { cpus: 1, spinning: 0 },
  { cpus: 2, spinning: 0 },
  { cpus: 4, spinning: 1 },
  { cpus: 4, spinning: 2 },
  { cpus: 8, spinning: 4 },
  { cpus: 8, spinning: 6 },
] as const;

/**
 * Without huge pages, where each page has its own change.
 *
 * @param only if given, those alone whose titles hold one of these words.
 * @throws {LabError} when there is none.
 */
export function flushCases(
  mmus: readonly PagingName[],
  only?: readonly string[],
): readonly MergingCase[] {
  const cases: MergingCase[] = mmus.flatMap((mmu) =>
    places.flatMap((place) =>
      (["off", "on", "map"] as const).map((changePte) =>
        ({ mmu, thp: "never", changePte, ...place, kernel: "locks" }) as const
      )
    )
  );
  return chosenBy(only, cases, titleOf);
}

/** What a case came to, in words. */
export function flushesIn(counts: Record<string, number>): string {
  return `${counts.exits} vmexits, ${counts.irq_exits} of them for an interrupt, ` +
    `${counts.pf_fixed} second-level faults; ${counts.spinning_passes} passes of spinning virtual ` +
    `CPUs; ${mappingsIn(counts)}; ${locksIn(counts)}`;
}

/** Times taken, the mean and the longest, of each lock that was taken at all. */
export function locksIn(counts: Record<string, number>): string {
  return Object.entries(lockNames).map(([name, says]) => {
    const taken = counts[`${name}_taken`] ?? 0;
    if (taken === 0) return `${says} never taken`;
    const [held_ns, longest_ns] = [counts[`${name}_held_ns`]!, counts[`${name}_longest_ns`]!];
    return `${says} taken ${taken} times for ${
      Math.round(held_ns / taken)
    } ns, at most ${longest_ns} ns`;
  }).join("; ");
}

/** What keeps the figures from being believed. */
export function flushObjections(
  { spinning = 0 }: MergingCase,
  counts: Record<string, number>,
): string[] {
  const wrong = ["page_table_lock", "mmu_lock_write"]
    .filter((name) => !(counts[`${name}_taken`]! > 0))
    .map((name) => `${lockNames[name as keyof typeof lockNames]}: the kernel counted none`);
  if (spinning > 0 && !(counts.spinning_passes! > 0)) wrong.push("no virtual CPU was spinning");
  return wrong;
}
