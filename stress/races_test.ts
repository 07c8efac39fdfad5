// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { pathsIn } from "../debian/patches.ts";
import { mutant, mutantNames } from "./mutants.ts";
import { everyRace, racesOf } from "./races.ts";

Deno.test("racesOf() has each combination once, seed by seed", () => {
  const cases = [...racesOf({ ...everyRace, seeds: [3, 4] })];
  assertEquals(cases.length, 2 * 2 * 3 * 2 * 4);
  assertEquals(new Set(cases.map((one) => JSON.stringify(one))).size, cases.length);
  assertEquals(cases.findIndex(({ seed }) => seed === 4), cases.length / 2);
});

Deno.test("each mutant has a reason and changes one file of KVM", async () => {
  const names = await mutantNames();
  assert(names.length >= 3);
  for (const name of names) {
    const [patch] = mutant(name).more!;
    assert((await Deno.readTextFile(patch!)).startsWith("A mutant: "), name);
    assertEquals((await pathsIn([patch!])).length, 1, name);
  }
});
