// SPDX-License-Identifier: Apache-2.0
/** Interleavings of several CPUs: the series stands them, a fault is found, and found again. */
import { assert, assertEquals } from "@std/assert";
import { reportToStderr } from "../base/report.ts";
import { buildEmulator } from "../emulator/qemu/build.ts";
import { buildKernel } from "../kernel/build.ts";
import { mutatedLine } from "../stress/mutants.ts";
import { huntedCases, huntMutant } from "../stress/race_lines.ts";
import { runRace } from "../stress/races.ts";

/** Enough for all that races to happen many times. */
const short = { rounds: 30, iterations: 0 };

for (const [mmu, cpus] of [["npt", 2], ["shadow", 4]] as const) {
  Deno.test(`a guest's memory stays right on ${cpus} CPUs while pages are merged, dropped and moved (${mmu})`, async () => {
    const kernel = await buildKernel({ line: mutatedLine, variant: "patched" });
    const emulator = await buildEmulator(reportToStderr);
    const one = { cpus, turn: 3000, mmu, changePte: "flip", seed: 1 } as const;
    const { failure, counts } = await runRace(one, short, kernel, emulator, reportToStderr);
    assertEquals(failure, undefined);
    assertEquals([counts.mismatches, counts.dirty_missed], [0, 0]);
    /* All of it happened: nothing passes because nothing was done. */
    const happened = ["change_pte_updated", "change_pte_unmapped", "slot_deletions", "flips"];
    /* The shadow MMU cannot map a page anew. */
    if (mmu === "npt") happened.push("change_pte_mapped");
    for (const name of [...happened, "drops", "log_reads"]) assert(counts[name]! > 0, name);
  });
}

Deno.test("a kernel that maps what it looked up before an invalidation is found, and replays", async () => {
  const emulator = await buildEmulator(reportToStderr);
  /* Not the kernel's own warning, which may come first: what it would do to a guest. */
  const { tried, found } = await huntMutant(
    "stale-fault",
    huntedCases,
    emulator,
    reportToStderr,
    ({ counts }) => (counts.mismatches ?? 0) > 0,
  );
  assert(found !== undefined, `not in ${tried} interleavings`);
  assert(found.replayed, "the same interleaving gave another result");
  assert(found.result.counts.mismatches! > 0, found.result.failure);
  /* Its trace tells of the page: somebody mapped it. */
  assert(found.result.trace.some((line) => line.includes("kvm_mmu_set_spte")));
});
