// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { glossaryOf, readGlossary } from "./glossary.ts";

Deno.test("a report of what was measured in time does not explain what only an emulator has", async () => {
  const all = await readGlossary();
  assertEquals(glossaryOf(all, "exact"), all);
  const measured = glossaryOf(all, "hardware");
  assert(measured.some(({ word }) => word === "refault"));
  assertEquals(measured.filter(({ word }) => /exact|fork|turn/.test(word)), []);
  /* No word that is left out has another name by now. */
  assertEquals(all.length - measured.length, 6);
});
