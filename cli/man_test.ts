// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { parseCommandLine } from "./command_line.ts";
import { verbs } from "./table.ts";

Deno.test("the man page has every verb, and no line of text that is taken for a request", async () => {
  const parsed = await parseCommandLine(["help", "--man"]);
  assert("show" in parsed);
  const page = parsed.show;
  for (const name of Object.keys(verbs)) assert(page.includes(`\n.SS ${name}\n`), name);
  const requests = new Set(
    page.split("\n").filter((line) => /^[.']/.test(line)).map((line) => line.split(" ")[0]),
  );
  assertEquals([...requests].sort(), [".B", ".PP", ".SH", ".SS", ".TH", ".fi", ".nf"]);
});
