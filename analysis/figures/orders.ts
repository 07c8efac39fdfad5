// SPDX-License-Identifier: Apache-2.0
import { type Arm, arms } from "./arms.ts";

/**
 * The order in which axes, legends and grids name things, by column of the answers. What is not named
 * here comes after, as the rows have it.
 */
export function ordersOf(some: readonly Arm[] = arms): Record<string, readonly string[]> {
  const names = some.map(({ name }) => name);
  return {
    arm: names,
    mode: ["no KSM", ...["no KSM", "KSM"].flatMap((ksm) => names.map((arm) => `${ksm}, ${arm}`))],
    carrier: ["vm", "madvise", "prctl", "mapping"],
    mmu: ["npt", "npt-bochs", "ept", "ept-noad", "shadow", "shadow-vmx"],
  };
}
