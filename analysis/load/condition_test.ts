// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { madeUpEntry } from "../../contract/testdata/run_file.ts";
import { conditionsOf } from "./condition.ts";

Deno.test("conditionsOf() names the factors a run varies besides workload, arm and seed", () => {
  const conditions = conditionsOf([
    madeUpEntry("a", { workload: "w", arm: "off", seed: 1, guests: 2, mmu: "npt" }),
    madeUpEntry("b", { workload: "w", arm: "off", seed: 2, guests: 4, mmu: "npt" }),
  ]);
  assertEquals([...conditions.values()], ["guests=2", "guests=4"]);
});

Deno.test("conditionsOf() leaves out what follows from the arm or the workload", () => {
  const conditions = conditionsOf([
    madeUpEntry("a", { workload: "w", arm: "stock", seed: 1, kernel: "plain", memory: 64 }),
    madeUpEntry("b", { workload: "w", arm: "on", seed: 1, kernel: "patched", memory: 64 }),
    madeUpEntry("c", { workload: "v", arm: "on", seed: 1, kernel: "patched", memory: 96 }),
  ]);
  assertEquals([...conditions.values()], ["", "", ""]);
});
