/** What needs the native engine: the same answers as the default one, and its reader of Parquet. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createRequire } from "node:module";
import { openDatabase, writeParquet } from "../analysis/mod.ts";
import { resultOfRows } from "../analysis/result.ts";
import { writeSyntheticRun } from "../analysis/testdata/synthetic.ts";
import { cacheRoot } from "../support/cache.ts";
import { assertSameAnswers } from "./engines.ts";

async function withSyntheticRun(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const trial = { shared: 100, sharing: 400, readRefaults: 55, fetchRefaults: 7, walkFaults: 3 };
  try {
    await writeSyntheticRun(folder, [
      { ...trial, workload: "libraries", arm: "off", seed: 1, traced: true },
      { ...trial, workload: "libraries", arm: "on", seed: 1, updated: 33 },
      { ...trial, workload: "pagecache", arm: "off", seed: 2, settings: { guests: 3 } },
      { workload: "kernels", arm: "on", seed: 1, failure: "guest 1 died" },
    ]);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("both engines give the same answer to every question about a synthetic run", async () => {
  await withSyntheticRun(async (folder) => {
    const compared = await assertSameAnswers(folder);
    assert(compared > 1000, `only ${compared} values`);
  });
});

Deno.test("DuckDB's own reader finds the same rows and types in the exported Parquet files", async () => {
  await withSyntheticRun(async (folder) => {
    const database = await openDatabase(folder);
    const data = join(folder, "data");
    const files = await writeParquet(database, data);
    const require = createRequire(join(cacheRoot(), "native", "package.json"));
    const { DuckDBInstance } = require("@duckdb/node-api");
    const reader = await (await DuckDBInstance.create(":memory:")).connect();
    const read = async (sql: string) => {
      const answer = await reader.runAndReadAll(sql);
      return resultOfRows(answer.columnNames(), answer.getRowsJS());
    };
    for (const file of files) {
      const table = file.replace(".parquet", "");
      const path = join(data, file);
      const expected = await database.query(`SELECT * FROM ${table} ORDER BY rowid`);
      assertEquals(await read(`SELECT * FROM read_parquet('${path}')`), expected, table);
    }
    const types = "SELECT string_agg(column_type, ' ') AS types FROM (DESCRIBE SELECT * FROM ";
    const { rows } = await read(`${types} read_parquet('${join(data, "faults.parquet")}'))`);
    assertEquals(rows, [{
      types: "VARCHAR VARCHAR BIGINT BIGINT VARCHAR BOOLEAN BOOLEAN BOOLEAN BIGINT",
    }]);
    reader.closeSync();
    database.close();
  });
});
