// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { defaultSettings } from "../contract/settings.ts";
import type { Trial } from "../contract/trial.ts";
import { leastEffect_sd, leastEffectInWords, shuffledBlocks } from "./hardware_order.ts";

const trials = Array.from({ length: 20 }, (_, at): Trial => ({
  id: `t${at}`,
  identity: `${at}`,
  block: Math.floor(at / 2),
  settings: {
    ...{ ...defaultSettings, workload: "kernels", seed: 1 + Math.floor(at / 2) },
    arm: at % 2 === 0 ? "off" : "on",
  },
  phases: ["boot"],
}));

Deno.test("shuffledBlocks() keeps blocks whole, and draws the same order for a seed and another for another", () => {
  const first = shuffledBlocks(trials, "a");
  assertEquals(shuffledBlocks(trials, "a"), first);
  assertNotEquals(shuffledBlocks(trials, "b"), first);
  assertNotEquals(first, trials);
  for (let at = 0; at < first.length; at += 2) {
    assertEquals(first[at]!.block, first[at + 1]!.block);
    assertEquals(first[at]!.settings.arm, "off");
  }
});

Deno.test("leastEffect_sd() shrinks with the root of the pairs, and a single one finds nothing", () => {
  assertEquals(leastEffect_sd(1), undefined);
  assertEquals(leastEffect_sd(4)! / leastEffect_sd(16)!, 2);
});

Deno.test("what can be found is said by the number of seeds", () => {
  assert(leastEffectInWords(trials).startsWith("With 10 pairs of each kind, effects below 0.9 "));
  assert(leastEffectInWords(trials.slice(0, 2)).startsWith("A single seed"));
  assert(leastEffectInWords(trials.slice(0, 1)).startsWith("One arm alone"));
});
