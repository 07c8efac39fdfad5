// SPDX-License-Identifier: Apache-2.0
/**
 * Holds the two engines against each other, as a program of its own: a process that has loaded the
 * native engine may crash when it ends by itself, and would take all other tests along.
 *
 * usage: engines.ts answers|parquet RUN-FOLDER; prints how many values or files were compared.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createRequire } from "node:module";
import { listQuestions, openDatabase, writeParquet } from "../analysis/mod.ts";
import type { Value } from "../analysis/mod.ts";
import { resultOfRows } from "../analysis/engine/result.ts";
import { cacheRoot } from "../store/cache.ts";
import { run } from "../base/process.ts";

/** The engines add floating-point numbers in another order: their last digits may differ. */
const tolerance = 1e-12;

/** Runs this file; returns how much was compared. */
export async function checkNative(what: "answers" | "parquet", folder: string): Promise<number> {
  const permissions = [
    "--allow-read",
    "--allow-env",
    "--allow-sys",
    `--allow-write=${folder}`,
    `--allow-ffi=${join(cacheRoot(), "native")}`,
  ];
  const options = ["--quiet", "--no-prompt", "--no-check", "--frozen", "--cached-only"];
  const { stdout } = await run(
    Deno.execPath(),
    ["run", ...options, ...permissions, import.meta.filename!, what, folder],
    {
      cwd: join(import.meta.dirname!, ".."),
      env: { DENO_DIR: join(cacheRoot(), "deno"), NO_COLOR: "1" },
      timeLimit_s: 300,
      purpose: `compare ${what} with the native engine`,
    },
  );
  return Number(stdout.trim());
}

/** Asks both engines all questions about a run; returns how many values were compared. */
async function assertSameAnswers(runFolder: string): Promise<number> {
  const wasm = await openDatabase(runFolder, "wasm");
  const native = await openDatabase(runFolder, "native");
  let compared = 0;
  for (const { name, sql } of await listQuestions()) {
    const [one, other] = [await wasm.query(sql), await native.query(sql)];
    assertEquals(other.columns, one.columns, name);
    assertEquals(other.rows.length, one.rows.length, name);
    one.rows.forEach((row, at) => {
      for (const column of one.columns) {
        const [left, right] = [row[column] ?? null, other.rows[at]?.[column] ?? null];
        assert(same(left, right), `${name} row ${at} ${column}: wasm ${left}, native ${right}`);
        compared++;
      }
    });
  }
  wasm.close();
  native.close();
  return compared;
}

function same(left: Value, right: Value): boolean {
  if (typeof left !== "number" || typeof right !== "number") {
    return JSON.stringify(left) === JSON.stringify(right);
  }
  return Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right));
}

/** DuckDB's own reader finds in the exported files what the tables hold; returns how many files. */
async function assertSameParquet(runFolder: string): Promise<number> {
  const database = await openDatabase(runFolder);
  const data = join(runFolder, "data");
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
    types: "VARCHAR VARCHAR BIGINT BIGINT BIGINT BIGINT VARCHAR BOOLEAN BOOLEAN BOOLEAN BIGINT",
  }]);
  return files.length;
}

if (import.meta.main) {
  const [what, folder] = Deno.args;
  console.log(await (what === "parquet" ? assertSameParquet : assertSameAnswers)(folder!));
  Deno.exit(0);
}
