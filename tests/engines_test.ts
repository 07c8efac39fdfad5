// SPDX-License-Identifier: Apache-2.0
/** What needs the native engine: the same answers as the default one, and its reader of Parquet. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { writeSyntheticRun } from "../analysis/testdata/synthetic.ts";
import { checkNative } from "./engines.ts";
import { lab } from "./lab.ts";

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
    const compared = await checkNative("answers", folder);
    assert(compared > 1000, `only ${compared} values`);
  });
});

Deno.test("DuckDB's own reader finds the same rows and types in the exported Parquet files", async () => {
  await withSyntheticRun(async (folder) => {
    const files = await checkNative("parquet", folder);
    assert(files > 10, `only ${files} files`);
  });
});

Deno.test("a query that takes too much memory, or answers too much, ends with a sentence in both engines", async () => {
  await withSyntheticRun(async (folder) => {
    const refusals = [
      [
        "SELECT count(DISTINCT s) FROM (SELECT repeat(range::VARCHAR, 200000) AS s FROM range(5000))",
        "it takes more than the 2048 MiB of memory that SQL may have",
      ],
      ["SELECT * FROM range(30000000)", "it has more than 10,000,000 values"],
    ] as const;
    for (const engine of ["wasm", "native"]) {
      for (const [sql, says] of refusals) {
        const { status, stderr } = await lab("query", folder, sql, "--engine", engine);
        assertEquals(status, 2, stderr);
        assertStringIncludes(stderr, says);
      }
    }
  });
});
