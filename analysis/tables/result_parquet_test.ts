// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { parquetReadObjects } from "hyparquet";
import { resultParquet } from "./result_parquet.ts";

async function readBack(columns: string[], rows: Record<string, never>[] | object[]) {
  const bytes = resultParquet({ columns, rows: rows as never });
  return await parquetReadObjects({ file: bytes.buffer });
}

Deno.test("an answer as Parquet has its numbers as numbers and its gaps as gaps", async () => {
  const rows = [
    { n: 1, big: "9007199254740993", x: 0.5, t: "a", b: true, list: [1, 2] },
    { n: null, big: 1, x: 2, t: null, b: null, list: null },
  ];
  assertEquals(await readBack(Object.keys(rows[0]!), rows), [
    { n: 1n, big: 9007199254740993n, x: 0.5, t: "a", b: true, list: "[1,2]" },
    { n: null, big: 1n, x: 2, t: null, b: null, list: null },
  ]);
});

Deno.test("an answer without rows is a Parquet file all the same", async () => {
  assertEquals(await readBack(["a"], []), []);
  assertEquals(await readBack(["a"], [{ a: null }]), [{ a: null }]);
});
