// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { listQuestions } from "./questions.ts";
import { objectionToStatements, statementsIn } from "./statements.ts";

Deno.test("statementsIn() takes semicolons in strings, names and comments for what they are", () => {
  const one = [
    "SELECT ';'",
    `SELECT 1 AS "a;b"`,
    "SELECT 1 -- ; no\n",
    "SELECT /* ; /* ; */ ; */ 1",
    "SELECT $$a;b$$, $x$;$$;$x$",
    "SELECT E'\\';', 'it''s;'",
    "SELECT 1; -- the end\n;",
  ];
  for (const sql of one) assertEquals(statementsIn(sql).length, 1, sql);
  assertEquals(statementsIn("SELECT 1; SELECT 2"), ["SELECT 1", "SELECT 2"]);
  assertEquals(statementsIn("SELECT 'a'';b;"), ["SELECT 'a'';b;"]);
  for (const sql of ["", " ;; ", "-- nothing", "/* nothing"]) assertEquals(statementsIn(sql), []);
});

Deno.test("each of the lab's questions is one statement", async () => {
  for (const { name, sql } of await listQuestions()) {
    assertEquals(objectionToStatements(sql), undefined, name);
  }
  assertEquals(
    objectionToStatements("SELECT 1; SELECT 2"),
    "it has 2 statements, and an answer is that of one",
  );
});
