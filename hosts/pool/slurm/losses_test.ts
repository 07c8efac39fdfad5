// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Losses } from "./losses.ts";

Deno.test("a trial is given up after three jobs, with the reason of each", () => {
  const losses = new Losses();
  const lose = (node: string) =>
    losses.add("k", { reason: `${node} failed`, node, preempted: false });
  assertEquals([lose("a"), lose("b")], [["a"], ["a", "b"]]);
  assertStringIncludes(
    String(lose("c")),
    "3 jobs ended without a result: a failed; b failed; c failed",
  );
});

Deno.test("who is preempted may come back to the same node, and often", () => {
  const losses = new Losses();
  for (let time = 0; time < 10; time++) {
    assertEquals(losses.add("k", { reason: "preempted", node: "a", preempted: true }), []);
  }
});
