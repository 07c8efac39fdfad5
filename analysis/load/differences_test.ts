// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { takeDifferences } from "./differences.ts";

function changes(values: [string, number][]): [string, number][] {
  const snapshots = values.map(([phase, value], line) => ({ phase, key: "k", value, line }));
  return takeDifferences(snapshots, ["a", "b", "c"]).map(({ phase, change }) => [phase, change]);
}

Deno.test("takeDifferences() counts the first phase from 0", () => {
  assertEquals(changes([["a", 5], ["b", 7], ["c", 7]]), [["a", 5], ["b", 2], ["c", 0]]);
});

Deno.test("takeDifferences() gives what happened since a phase without the key to the next one", () => {
  assertEquals(changes([["a", 5], ["c", 9]]), [["a", 5], ["c", 4]]);
});

Deno.test("takeDifferences() takes the last snapshot of a phase", () => {
  assertEquals(changes([["a", 5], ["a", 6], ["b", 8]]), [["a", 6], ["b", 2]]);
});

Deno.test("takeDifferences() counts the first phase from what stood there before the trial", () => {
  const before = [["before", 100], ["a", 105], ["b", 107]] as [string, number][];
  assertEquals(changes(before), [["a", 5], ["b", 2]]);
  /* What nobody counted in the trial has no row. */
  assertEquals(changes([["before", 100]]), []);
});

Deno.test("takeDifferences() takes a phase that is called so for one where it is one", () => {
  const snapshots = [["before", 3], ["observe", 5]]
    .map(([phase, value], line) => ({
      phase: String(phase),
      key: "k",
      value: Number(value),
      line,
    }));
  const found = takeDifferences(snapshots, ["before", "observe"]);
  assertEquals(found.map(({ change }) => change), [3, 2]);
});
