// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decodeBase64 } from "@std/encoding/base64";
import { gunzipSync } from "node:zlib";
import { madeUpEntry, madeUpRun } from "../../contract/testdata/run_file.ts";
import { drawChart, readChart } from "../figures/chart.ts";
import { trialTable } from "./appendix.ts";
import { insidePage, packData, type PackedData } from "./data.ts";
import type { Material } from "./material.ts";

const TRIALS = 10_000;

/** A row for each of many trials, of one workload and two arms. */
const rows = Array.from({ length: TRIALS }, (_, at) => ({
  ...{ workload: "w", condition: "", arm: at % 2 === 0 ? "off" : "on", seed: at >> 1 },
  ...{ trial: `t${at}`, refaults_per_merged_page: at / TRIALS, refaults: at, merged_pages: TRIALS },
  ...{ read_refaults: at, fetch_refaults: 0 },
}));

async function manyTrials(): Promise<Material> {
  const question = "refaults_per_merged_page";
  return {
    run: madeUpRun({ trials: [madeUpEntry("t0", { workload: "w" })] }),
    ...{ findings: [], questions: [], failures: [], lastLogs: {}, glossary: [] },
    trials: rows.map(({ trial }) => ({ trial, status: "done", digest: "0".repeat(64) })),
    answers: {
      [question]: { columns: Object.keys(rows[0]!), rows },
      ...Object.fromEntries(Array.from({ length: 9 }, (_, at) => [
        `short_${at}`,
        { columns: ["workload", "n"], rows: [{ workload: "w", n: at }] },
      ])),
    },
    drawings: { refaults: await drawChart(await readChart("refaults"), { [question]: rows }) },
  };
}

Deno.test("a page holds the rows of many trials as its figure shows them, and the short tables whole", async () => {
  const material = await manyTrials();
  assertEquals(Object.keys(insidePage(material.answers)).length, 9);
  const text = packData(material);
  assert(text.length < 20_000, `${text.length} bytes`);
  const packed: PackedData = JSON.parse(
    new TextDecoder().decode(gunzipSync(decodeBase64(text))),
  );
  assertEquals(Object.keys(packed.tables).length, 9);
  assertEquals(packed.drawn.refaults?.refaults_per_merged_page?.data[0]?.length, 40);
  assert(packed.charts.refaults !== undefined);
});

Deno.test("a page counts many trials by their state, and says where each of them is", async () => {
  const { source } = trialTable(await manyTrials());
  assertStringIncludes(source, "10,000 done");
  assertStringIncludes(source, "tables/trials.csv");
  assert(source.length < 1000);
});
