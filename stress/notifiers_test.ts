// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { type NotifierProof, objections, parseCounts } from "./notifiers.ts";

const output = [
  "merge with_change_pte starts=320 starts_change_pte=320 ends=320 changes=320 changes_outside=0 " +
  "changes_present=0 changes_writable=0",
  "merge without_change_pte starts=320 starts_change_pte=320 ends=320 changes=0 changes_outside=0 " +
  "changes_present=0 changes_writable=0",
  "break with_change_pte starts=384 starts_change_pte=320 ends=384 changes=384 changes_outside=0 " +
  "changes_present=0 changes_writable=64",
  "break without_change_pte starts=384 starts_change_pte=320 ends=384 changes=0 changes_outside=0 " +
  "changes_present=0 changes_writable=0",
].join("\n");

function proof(text = output): NotifierProof {
  return { contents: 64, copies: 3, ...parseCounts(text) } as unknown as NotifierProof;
}

Deno.test("objections() has none where both users are told of every change", () => {
  assertEquals(objections(proof()), []);
});

Deno.test("objections() names a user that was not told, and a call out of order", () => {
  const wrong = output
    .replace("merge without_change_pte starts=320", "merge without_change_pte starts=319")
    .replace("changes_present=0", "changes_present=2");
  assertEquals(objections(proof(wrong)), [
    "change_pte() with the PTE still there: 2 instead of 0",
    "invalidations told to a user without change_pte(): 319 instead of 320",
    "ends told to a user without change_pte(): 320 instead of 319",
  ]);
});
