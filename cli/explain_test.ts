// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { meaningsOfCode, meaningsOfWord } from "./explain.ts";
import { readTerms } from "./terms.ts";

const names = (code: number) => meaningsOfCode(code).map(({ name, kind }) => `${name} ${kind}`);

Deno.test("a code is explained in all that it can be", () => {
  assertEquals(names(0x400), ["NPF exit reason 0x400 (1024) of svm"]);
  assert(names(48).includes("EPT_VIOLATION exit reason 0x30 (48) of vmx"), names(48).join());
  assert(names(14).some((one) => one.startsWith("#PF exception")));
  assertEquals(meaningsOfCode(0x100000004).at(-1), {
    kind: "error code 0x100000004 (4294967300) of a second-level fault",
    name: "user | guestFinal",
    meaning: "a read of a page that is not mapped",
  });
  assertEquals(meaningsOfCode(0xffff0000), []);
});

Deno.test("a word is explained wherever it is declared", async () => {
  const terms = await readTerms();
  const kinds = (word: string) => meaningsOfWord(word, terms).map(({ kind }) => kind);
  assertEquals(kinds("refault"), ["glossary"]);
  assert(kinds("guests").includes("factor"));
  assertEquals(kinds("NPF"), ["exit reason of svm"]);
  assertEquals(kinds("exits.count"), ["column of exits"]);
  for (const word of ["pagecache", "smoke", "vmexit", "refaults_per_merged_page", "halt"]) {
    assert(kinds(word).length > 0, word);
  }
  const refused = assertThrows(() => meaningsOfWord("refualt", terms), LabError);
  assertEquals(refused.next, 'Did you mean "refault"?');
});
