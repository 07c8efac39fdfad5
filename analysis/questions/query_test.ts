// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { formatJson, formatTable, runQuery, sqlOf } from "./query.ts";

Deno.test("sqlOf() takes a single word for a question and lists them if there is none", async () => {
  assertMatch(await sqlOf(" refaults_per_merged_page "), /SELECT/);
  assertEquals(await sqlOf("SELECT 1"), "SELECT 1");
  const unknown = await assertRejects(() => sqlOf("refaults"), LabError);
  assertMatch(unknown.next ?? "", /refaults_per_merged_page/);
  await assertRejects(() => sqlOf("  "), LabError);
});

Deno.test("formatTable() and formatJson() show the same rows", () => {
  const result = { columns: ["a", "b"], rows: [{ a: 1, b: null }, { a: [1], b: "x" }] };
  assertEquals(JSON.parse(formatJson(result)), result);
  const table = formatTable(result);
  assertStringIncludes(table, "[1]");
  assertStringIncludes(table, "2 rows");
});

Deno.test("runQuery() gives up a query that takes longer than its limit", async () => {
  const error = await assertRejects(
    () => runQuery("nowhere", "SELECT 1", { limit_ms: 1 }),
    LabError,
  );
  assertEquals(error.message, "Cannot run the query: it has not finished after 0.001 s");
});
