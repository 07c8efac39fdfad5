// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { flushCases, flushObjections, locksIn } from "./flushes.ts";
import { mergingStep, titleOf } from "./merging.ts";

Deno.test("flushes are counted with each way of the switch, with up to seven running virtual CPUs", () => {
  const cases = flushCases(["npt", "shadow"]);
  assertEquals(cases.length, 36);
  assertEquals(
    titleOf(cases[10]!),
    "npt, THP never, switch on, 4 CPUs, 2 virtual CPUs spinning, kernel locks",
  );
  /* Nothing else gets in the way: what differs is the switch. */
  assertEquals(mergingStep("on", 10, 1, cases[10]).command.slice(3), ["locks", "spin=2"]);
});

Deno.test("of each lock there is how often it was taken, for how long, and the longest", () => {
  const counts = {
    ...{ page_table_lock_taken: 4, page_table_lock_held_ns: 10, page_table_lock_longest_ns: 7 },
    ...{ mmu_lock_write_taken: 1, mmu_lock_write_held_ns: 90, mmu_lock_write_longest_ns: 90 },
  };
  assertEquals(
    locksIn(counts),
    "page-table locks taken 4 times for 3 ns, at most 7 ns; " +
      "mmu_lock for writing taken 1 times for 90 ns, at most 90 ns; mmu_lock for reading never taken",
  );
  assertEquals(flushObjections(flushCases(["npt"])[0]!, counts), []);
});

Deno.test("a kernel that counts no locks is found out, and virtual CPUs that do not run", () => {
  assertEquals(flushObjections(flushCases(["npt"])[10]!, { mmu_lock_write_taken: 0 }), [
    "page-table locks: the kernel counted none",
    "mmu_lock for writing: the kernel counted none",
    "no virtual CPU was spinning",
  ]);
});
