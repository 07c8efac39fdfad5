// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { circlesIn, importsOfTree, includesOfTree } from "./imports.ts";
import { layers } from "./layers.ts";
import { offencesIn } from "./offences.ts";
import { files } from "./tree.ts";

const graph = await importsOfTree();

Deno.test("no circle of imports", () => assertEquals(circlesIn(graph), []));

Deno.test("no circle of includes", async () => {
  assertEquals(circlesIn(await includesOfTree()), []);
});

Deno.test("no import goes upwards, or past a room's door", () => {
  assertEquals(offencesIn(graph, layers), []);
});

Deno.test("the layers name each room that has TypeScript, and no other", () => {
  const rooms = files.filter((path) => path.endsWith(".ts")).map((path) => path.split("/")[0]!);
  assertEquals(layers.map(({ room }) => room).sort(), [...new Set(rooms)].sort());
});

Deno.test("all imports of the tree are seen: types, whole modules, and those that load a verb", () => {
  assertEquals(graph.get("tools/tree/offences.ts"), [
    "tools/tree/imports.ts",
    "tools/tree/layers.ts",
  ]);
  assertEquals(graph.get("base/errors.ts"), []);
  assertEquals([...graph.values()].flat().includes("cli/run_tests.ts"), true);
});

Deno.test("circlesIn() gives each circle once, by the shortest way", () => {
  const circle = new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", ["a"]], ["d", ["a"]], ["e", [
    "e",
  ]]]);
  assertEquals(circlesIn(circle), [["a", "c", "a"], ["b", "c", "a", "b"], ["e", "e"]]);
  assertEquals(circlesIn(new Map([["a", ["b"]], ["b", []]])), []);
});

Deno.test("offencesIn() says why: above, not among the allowed, not the door, no room", () => {
  const some = [
    { room: "low" },
    { room: "middle", doors: ["middle/mod.ts"] },
    { room: "strict", only: ["low", "middle/mod.ts"] },
    { room: "high" },
  ];
  const imports = (file: string, target: string) => offencesIn(new Map([[file, [target]]]), some);
  assertEquals(imports("low/a.ts", "high/b.ts"), [
    "low/a.ts imports high/b.ts: high lies above low",
  ]);
  assertEquals(imports("strict/a.ts", "middle/mod.ts"), []);
  assertEquals(imports("strict/a.ts", "middle/x.ts"), [
    "strict/a.ts imports middle/x.ts: strict may import low, middle/mod.ts alone",
  ]);
  assertEquals(imports("high/a.ts", "middle/x.ts"), [
    "high/a.ts imports middle/x.ts: middle is entered by middle/mod.ts alone",
  ]);
  assertEquals(imports("high/a_test.ts", "middle/x.ts"), []);
  assertEquals(imports("low/a.ts", "other/b.ts"), [
    "low/a.ts imports other/b.ts: other is not in tools/tree/layers.ts",
  ]);
});
