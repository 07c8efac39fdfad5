// SPDX-License-Identifier: Apache-2.0
/** What the host's kernel is told on its command line. */
import { pagingModes } from "../../machines/paging.ts";
import type { HostBoot } from "./host_boot.ts";

/** The arguments, in order. */
export function kernelArguments(
  { mmu, swap_mib = 0 }: Pick<HostBoot, "mmu" | "swap_mib">,
): string[] {
  return [
    "console=ttyS0",
    "loglevel=5",
    "panic=-1",
    "reboot=t",
    "tsc=reliable",
    ...pagingModes[mmu].kernelParameters,
    ...(swap_mib > 0 ? ["brd.rd_nr=1", `brd.rd_size=${swap_mib * 1024}`] : []),
  ];
}
