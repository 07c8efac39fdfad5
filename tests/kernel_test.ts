// SPDX-License-Identifier: Apache-2.0
/** What the patched kernel does, seen in a host that boots for it. */
import { assert, assertEquals } from "@std/assert";
import { objections, watchMerging } from "../stress/notifiers.ts";
import { runMerging } from "../stress/merging.ts";
import { buildEmulator } from "../emulator/qemu/build.ts";
import { buildKernel } from "../kernel/build.ts";
import { reportToStderr } from "../base/report.ts";

const line = "6.1";

/** Enough for every disturbance to happen, the memslot's deletion as well. */
const iterations = 400;

Deno.test("a notifier user without change_pte is told of each change that one with it is told of", async () => {
  const proof = await watchMerging(line, await buildEmulator(reportToStderr), reportToStderr);
  assertEquals(objections(proof), []);
});

for (const mmu of ["npt", "shadow"] as const) {
  Deno.test(`a guest's memory stays right while the switch is flipped under fire (${mmu})`, async () => {
    const kernel = await buildKernel({ line, variant: "patched" });
    const emulator = await buildEmulator(reportToStderr);
    const { failure, counts } = await runMerging(
      { mmu, thp: "never", changePte: "flip", cpus: 1 },
      kernel,
      { emulator },
      reportToStderr,
      iterations,
    );
    assertEquals(failure, undefined);
    assertEquals([counts.mismatches, counts.dirty_missed], [0, 0]);
    /* All of it happened: nothing passes because nothing was done. */
    const happened = ["change_pte_updated", "change_pte_unmapped", "slot_deletions", "flips"];
    /* The shadow MMU cannot map a page anew. */
    for (const name of mmu === "npt" ? [...happened, "change_pte_mapped"] : happened) {
      assert(counts[name]! > 0, name);
    }
  });
}
