// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { columnsOf } from "./schema.ts";

Deno.test("columnsOf() takes the comment beside each column, and nothing else", () => {
  const schema = "-- Tables.\nCREATE TYPE t AS ENUM ('a');\nCREATE TABLE one (\n" +
    "  a BIGINT,      -- pages, the reader's\n  b VARCHAR -- name\n);\n\nSELECT\n  a -- no column\n;\n";
  assertEquals(columnsOf(schema), [
    { table: "one", name: "a", type: "BIGINT", comment: "pages, the reader's" },
    { table: "one", name: "b", type: "VARCHAR", comment: "name" },
  ]);
});

Deno.test("columnsOf() refuses a column without a comment", () => {
  const error = assertThrows(() => columnsOf("CREATE TABLE one (\n  a BIGINT,\n);"), Error);
  assertEquals(error.message, "The column one.a has no comment");
});
