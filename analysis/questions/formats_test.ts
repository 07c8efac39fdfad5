// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatJson, formatMarkdown, formatTable } from "./formats.ts";

const result = {
  columns: ["workload", "count", "share"],
  rows: [
    { workload: "pagecache", count: 18136, share: 0.19252944315 },
    { workload: "kernels", count: 8, share: 1.5 },
    { workload: "none", count: null, share: 0 },
  ],
};

Deno.test("formatTable() rounds numbers alike within a column and has them on the right", () => {
  const lines = formatTable(result).split("\n");
  assertMatch(lines[3]!, /│ pagecache +│ 18136 │ 0\.193 │/);
  assertMatch(lines[4]!, /│ kernels +│ {5}8 │ 1\.500 │/);
  assertMatch(lines[5]!, /│ none +│ {7}│ 0\.000 │/);
  assertEquals(lines.at(-1), "3 rows; --full shows all digits and all text");
});

Deno.test("formatTable() in full leaves no digit out, and never shows nothing for little", () => {
  assertStringIncludes(formatTable(result, { full: true }), "0.19252944315");
  assert(!formatTable(result, { full: true }).includes("--full"));
  const little = { columns: ["a"], rows: [{ a: 0.000000012345 }, { a: 2.5 }] };
  assertStringIncludes(formatTable(little), "1.23e-8");
});

Deno.test("formatTable() keeps to the terminal's width by cutting text, never numbers", () => {
  const long = {
    columns: ["text", "n"],
    rows: [{ text: "x".repeat(200), n: 123456789 }, { text: "y", n: 1 }],
  };
  const lines = formatTable(long, { width: 40 }).split("\n");
  assertEquals(Math.max(...lines.slice(0, -1).map((line) => line.length)), 40);
  assertStringIncludes(lines.join("\n"), "x\u2026");
  assertStringIncludes(lines.join("\n"), "123456789");
  assertStringIncludes(formatTable(long, { width: 40, full: true }), "x".repeat(200));
});

Deno.test("formatTable() keeps whole numbers beyond 2^53 as they are", () => {
  const large = { columns: ["n"], rows: [{ n: "12345678901234567890" }, { n: 1 }] };
  assertMatch(formatTable(large), /│ +1 │/);
  assertStringIncludes(formatTable(large), "12345678901234567890");
});

Deno.test("formatMarkdown() and formatJson() hold all digits, and bars in text break no table", () => {
  const text = formatMarkdown({
    columns: ["a|b", "n"],
    rows: [{ "a|b": "x|\ny", n: 0.123456789 }],
  });
  assertEquals(text, "| a\\|b | n |\n|---|---:|\n| x\\| y | 0.123456789 |");
  assertEquals(JSON.parse(formatJson(result)), result);
});

Deno.test("an answer without columns has rows all the same", () => {
  assertEquals(formatTable({ columns: [], rows: [] }), "0 rows");
});
