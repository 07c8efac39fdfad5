// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { summaryInWords, summaryLines, summaryOf } from "./summary.ts";

const effect = (workload: string, from: number, to: number) => ({
  measure: "refaults per merged page",
  workload,
  condition: "",
  ...{ baseline: "off", treatment: "on", pairs: 3, baseline_mean: from, treatment_mean: to },
  reduction: from === 0 ? null : 1 - to / from,
});

Deno.test("summaryLines() has a bar for each arm, as long as what it stands for", () => {
  const rows = summaryOf([
    effect("libraries", 0.5, 0.001),
    effect("kernels", 0.25, 0.25),
    { ...effect("other", 1, 1), measure: "refaults" },
  ]);
  assertEquals(summaryLines(rows), [
    "Refaults per 100 merged pages:",
    `  libraries  off       50  ${"\u2588".repeat(24)}`,
    `  ${" ".repeat(9)}  on       0.1  \u258f${" ".repeat(23)}  99.8 % fewer refaults (3 seeds)`,
    `  kernels    off       25  ${"\u2588".repeat(12)}`,
    `  ${" ".repeat(9)}  on        25  ${"\u2588".repeat(12)}${
      " ".repeat(12)
    }  as many refaults (3 seeds)`,
  ]);
});

Deno.test("summaryInWords() says the range, more as more, and nothing where nothing is compared", () => {
  const words = (...rows: ReturnType<typeof effect>[]) => summaryInWords(summaryOf(rows));
  assertEquals(
    words(effect("a", 1, 0.5), effect("b", 1, 0.1)),
    "90.0 % fewer to 50.0 % fewer refaults",
  );
  assertEquals(words(effect("a", 1, 0.5), effect("b", 2, 1)), "50.0 % fewer refaults");
  assertEquals(words(effect("a", 1, 1.5)), "50.0 % more refaults (3 seeds)");
  assertEquals(words(effect("a", 0, 0)), "nothing to reduce");
  assertEquals(words(), "nothing compared");
});
