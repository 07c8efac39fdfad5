// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { byNodes, elementsOf } from "./elements.ts";

const blocks = (count: number) =>
  Array.from({ length: 2 * count }, (_, at) => ({
    ...{ key: `t${at}`, block: Math.floor(at / 2), exclude: [] as string[] },
  }));

Deno.test("elementsOf() fills a minute with whole blocks", () => {
  assertEquals(elementsOf(blocks(5), 10, false).map(({ length }) => length), [6, 4]);
  assertEquals(elementsOf(blocks(2), 100, false).map(({ length }) => length), [2, 2]);
  assertEquals(elementsOf(blocks(100), 1, false).map(({ length }) => length), [60, 60, 60, 20]);
});

Deno.test("elementsOf() gives each block an element of its own where that is asked for", () => {
  assertEquals(elementsOf(blocks(3), 1, true), [["t0", "t1"], ["t2", "t3"], ["t4", "t5"]]);
  assertEquals(elementsOf([], 1, true), []);
});

Deno.test("byNodes() keeps those apart that may not go to the same nodes", () => {
  const [a, b, c] = blocks(2);
  const [x, y] = [{ ...b!, exclude: ["n1", "n2"] }, { ...c!, exclude: ["n2", "n1"] }];
  assertEquals(byNodes([a!, x, y]), [[a!], [x, y]]);
});
