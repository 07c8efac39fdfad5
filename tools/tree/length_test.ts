// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { filesWith, textOf } from "./tree.ts";

/** A file that nears this has two topics in it. */
const mostLines = 400;

/** Longer ones, and what speaks for leaving them in one piece. */
const longFiles: Readonly<Record<string, string>> = {
  "analysis/report/style.css":
    "of two rules for one element the later holds: they stand in one order",
  "analysis/engine/engine_test.ts":
    "all tests that open DuckDB: a closed engine is used again only within one file of tests",
  "docs/RECORDS.md": "generated",
  "docs/VERBS.md": "generated",
  "experiments/experiment.schema.json": "generated",
  "workloads/kernels/operations.c": "one system call after the other, none longer than a screen",
};

async function linesOf(path: string): Promise<number> {
  return (await textOf(path)).split("\n").length - 1;
}

const sources = filesWith(".ts", ".c", ".h", ".sql", ".css", ".sh", ".md", ".json")
  .filter((path) => !/(^|[-./])lock\.json$/.test(path));

Deno.test(`no file has more than ${mostLines} lines, but those with a reason`, async () => {
  const long: string[] = [];
  for (const path of sources) {
    const lines = await linesOf(path);
    if (lines > mostLines && longFiles[path] === undefined) long.push(`${path}: ${lines} lines`);
  }
  assertEquals(long, []);
});

Deno.test("files that may be long are there, and are", async () => {
  for (const path of Object.keys(longFiles)) {
    assert(sources.includes(path), path);
    assert(await linesOf(path) > mostLines, `${path} has no need of an exception any more`);
  }
});
