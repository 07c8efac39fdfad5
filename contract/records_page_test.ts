// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { kinds } from "./kinds.ts";
import { recordsPage } from "./records_page.ts";

Deno.test("docs/RECORDS.md says what the declarations say", async () => {
  const path = `${import.meta.dirname}/../docs/RECORDS.md`;
  /* To renew it: deno run contract/records_page.ts > docs/RECORDS.md */
  assertEquals(await Deno.readTextFile(path), recordsPage(kinds));
});
