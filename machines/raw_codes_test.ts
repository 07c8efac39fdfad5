// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { filesBelow } from "../base/digest.ts";
import { codeOf } from "./machine.ts";
import { faultCode } from "./x86_64/pages.ts";

const root = join(import.meta.dirname!, "..");

/** Where codes of processors, and how long the emulated host's instructions take, may stand. */
const allowed = /^(machines|hosts\/emulated|docs|reports|\.git|std\/npm)\//;

/** They tell a person how to ask what a code means, and name one. */
const examples = /^cli\/(explain|explain_test|help|terms|verbs\/asking)\.ts$/;
const read = /\.(ts|sql)$/;

const exitCodes = ["NPF", "EXCEPTION_PF", "INTR", "HLT"].map((name) => codeOf("svm", name));
const faultCodes = [faultCode("guestFinal"), faultCode("guestPageTable")];

const raw = new RegExp(
  [
    ...exitCodes.flatMap((code) => [`\\b0x0*${code.toString(16)}\\b`, `['"]${code}['"]`]),
    ...faultCodes.map((code) => `\\b0x${code.toString(16)}`),
    ...[
      "\\b0x[12]_0000_",
      "reason_code (=|IN|<>) *[('0-9]",
      "error_code *(&|>>) *[0-9]",
      "8 ns\\b",
    ],
  ].join("|"),
);

Deno.test("no room but machines/ and the emulated host knows codes of a processor, or its clock", async () => {
  const found: string[] = [];
  for (const path of await filesBelow(root)) {
    if (allowed.test(path) || examples.test(path) || !read.test(path)) continue;
    const lines = (await Deno.readTextFile(join(root, path))).split("\n");
    for (const [at, line] of lines.entries()) {
      if (raw.test(line)) found.push(`${path}:${at + 1}: ${line.trim()}`);
    }
  }
  assertEquals(found, []);
});

Deno.test("the pattern of raw codes finds them", () => {
  const lines = [
    "const NESTED_PAGE_FAULT = 0x400;",
    "sum(count) FILTER (key IN ('1024', '78'))",
    "error_code & 1 = 1 AS present,",
    "WHERE reason_code IN (78, 96)",
    "WHERE reason_code = 78",
    "const READ = 0x1_0000_0004;",
    "-- executed instruction is 8 ns",
  ];
  assertEquals(lines.filter((line) => !raw.test(line)), []);
  assertEquals(raw.test("sum(count) / 1024"), false);
});
