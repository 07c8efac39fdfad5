// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { runQuery, sqlOf } from "./query.ts";

Deno.test("sqlOf() takes a single word for a question and lists them if there is none", async () => {
  assertMatch(await sqlOf(" refaults_per_merged_page "), /SELECT/);
  assertEquals(await sqlOf("SELECT 1"), "SELECT 1");
  const unknown = await assertRejects(() => sqlOf("refaults"), LabError);
  assertMatch(unknown.next ?? "", /Did you mean "\w+"\?/);
  const far = await assertRejects(() => sqlOf("zzz"), LabError);
  assertMatch(far.next ?? "", /refaults_per_merged_page/);
  await assertRejects(() => sqlOf("  "), LabError);
  await assertRejects(() => sqlOf("SELECT 1; SELECT 2"), LabError, "it has 2 statements");
});

Deno.test("runQuery() gives up a query that takes longer than its limit", async () => {
  const error = await assertRejects(
    () => runQuery("nowhere", "SELECT 1", { limit_ms: 1 }),
    LabError,
  );
  assertEquals(error.message, "Cannot run the query: it has not finished after 0.001 s");
});
