// SPDX-License-Identifier: Apache-2.0
/** The committed reference run still is what the lab measures: on a sample of its trials. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readClosedRecords } from "../bench/records.ts";
import { kinds } from "../contract/kinds.ts";
import { readRecords } from "../contract/record.ts";
import { undeclared } from "../contract/undeclared.ts";
import { withReference } from "../packs/reference.ts";
import { lab } from "./lab.ts";

/** Each workload, and both arms. */
const sample = 4;

Deno.test("trials of the committed reference give the same records", async () => {
  const { status, stdout, stderr } = await lab("verify", "reference", "--sample", String(sample));
  assertEquals(
    status,
    0,
    `${stderr}\nIf the change is meant: ./lab reference update shows what moved`,
  );
  assertStringIncludes(stdout, `${sample} the same, 0 different`);
});

Deno.test("the agent records nothing that no declaration names", () =>
  withReference(async (folder) => {
    for (const entry of folder.record.trials) {
      const records = await readClosedRecords(folder.recordsPath(entry));
      const lines = new TextDecoder().decode(records);
      assertEquals(undeclared(readRecords(lines), kinds), [], entry.id);
    }
  }));
