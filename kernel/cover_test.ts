// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { type CoveredRun, coverLetter } from "./cover.ts";

const run: CoveredRun = {
  run: "default-1",
  digest: "d1",
  command: ["run", "default"],
  revision: "abc",
  inputs: { emulator: { version: "7.2" }, machine: { version: "long" } },
};

function trial(arm: string, asked: number | null, refaults: number) {
  return {
    ...{ workload: "pagecache", condition: "", arm },
    ...{ flush_requests_per_merged_page: asked, refaults_per_merged_page: refaults },
  };
}

Deno.test("coverLetter() has the means of a run, how to repeat it, and all patches of the series", async () => {
  const letter = await coverLetter("6.1", run, [
    ...[trial("off", 1, 0.5), trial("off", 2, 0.7), trial("map", 1.5, 0.004)],
    trial("on", null, 0.1),
  ]);
  const table = letter.split("\n").filter((text) => text.startsWith("  pagecache"))
    .map((text) => text.trim().split(/\s+/));
  assertEquals(table, [
    ["pagecache", "off", "60.00", "1.50"],
    ["pagecache", "map", "0.40", "1.50"],
  ]);
  for (const part of ["digest d1", "git checkout abc", "./lab run default", "emulator: 7.2"]) {
    assertStringIncludes(letter, part);
  }
  assertEquals(letter.includes("long"), false);
  /* Its subject goes on in a second line of the patch. */
  assertStringIncludes(
    letter,
    " 1. KVM: x86/mmu: Make change_pte's second SPTE write replace the zapped SPTE",
  );
  assertStringIncludes(letter, "[whoever posts this]");
});

Deno.test("coverLetter() refuses a run that counted no flushes", async () => {
  await assertRejects(
    () => coverLetter("6.1", run, [trial("on", null, 0.1)]),
    LabError,
    "default-1",
  );
});
