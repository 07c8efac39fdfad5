// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { harmless } from "../engine/harmless.ts";
import { toCsv } from "./csv.ts";

Deno.test("toCsv() leaves no cell that a spreadsheet takes for a formula, and numbers as they are", () => {
  const cells = ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "a=b", "\u001b[2Jx", 'a"b'];
  const rows = cells.map((text) => ({ text, number: -1 }));
  assertEquals(
    toCsv({ columns: ["text", "number"], rows }),
    [
      "text,number",
      "'=1+1,-1",
      "'+1,-1",
      "'-2+3,-1",
      "'@SUM(A1),-1",
      "'\t=1,-1",
      "a=b,-1",
      "\\u001b[2Jx,-1",
      '"a""b",-1',
      "",
    ].join("\n"),
  );
});

Deno.test("harmless() writes control characters out and leaves all else", () => {
  assertEquals(harmless("ä\tb\nc"), "ä\tb\nc");
  assertEquals(
    harmless("\u001b]0;x\u0007\r\u009b\u202e"),
    "\\u001b]0;x\\u0007\\u000d\\u009b\\u202e",
  );
});
