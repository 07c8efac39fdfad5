// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { compareTreatment } from "./paired.ts";

function row(arm: string, seed: number, value: number | null, workload = "w") {
  return { workload, condition: "", arm, seed, value };
}

Deno.test("compareTreatment() pairs trials of equal seed and leaves the others out", () => {
  const [comparison] = compareTreatment(
    [row("off", 1, 10), row("off", 2, 30), row("off", 3, 99), row("on", 1, 1), row("on", 2, 6)],
    "value",
  );
  assertEquals(comparison?.seeds, [1, 2]);
  assertEquals([comparison?.baselineMean, comparison?.treatmentMean], [20, 3.5]);
  assert(Math.abs((comparison?.reduction ?? 0) - 0.825) < 1e-12);
  assertEquals(comparison?.reductions, [0.9, 0.8]);
});

Deno.test("compareTreatment() compares nothing where an arm is missing", () => {
  assertEquals(compareTreatment([row("off", 1, 10), row("on", 1, 1, "other")], "value"), []);
  assertEquals(compareTreatment([row("off", 1, 10), row("on", 2, 1)], "value"), []);
});

Deno.test("compareTreatment() has no reduction where the baseline is nothing", () => {
  const [comparison] = compareTreatment([row("off", 1, 0), row("on", 1, 4)], "value");
  assertEquals([comparison?.reduction, comparison?.reductions], [null, []]);
});

Deno.test("compareTreatment() falls back on stock, and ignores rows without a value", () => {
  const rows = [row("stock", 1, 4), row("on", 1, 1), row("off", 1, null)];
  assertEquals(compareTreatment(rows, "value")[0]?.baseline, "stock");
});
