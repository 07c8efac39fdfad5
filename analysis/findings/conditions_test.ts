// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { madeUpRun } from "../../contract/testdata/run_file.ts";
import type { Answer } from "../engine/result.ts";
import { conditionCells } from "./conditions.ts";
import { findingsOf } from "./findings.ts";

/** What is spared in a condition, of 1000 refaults on 1000 pages. */
type Spared = (guests: number, thp: string, scan: number) => number;

/** A made-up run of guests x thp x pages_to_scan, one workload and one seed. */
function rowsOf(spared: Spared): Answer[] {
  return [2, 8].flatMap((guests) =>
    ["never", "always"].flatMap((thp) =>
      [500, 2000].flatMap((pages_to_scan) =>
        ["off", "on"].map((arm) => {
          const left = arm === "off" ? 1 : 1 - spared(guests, thp, pages_to_scan);
          return {
            ...{ workload: "pagecache", arm, seed: 1, refaults: 1000 * left, merged_pages: 1000 },
            condition: `guests=${guests}, pages_to_scan=${pages_to_scan}, thp=${thp}`,
            ...{ trial: `${guests}${thp}${pages_to_scan}${arm}`, refaults_per_merged_page: left },
          };
        })
      )
    )
  );
}

function found(spared: Spared, id: string) {
  const answers = { refaults_per_merged_page: rowsOf(spared) };
  const finding = findingsOf({ run: madeUpRun(), answers }).find((one) => one.id === id);
  const plain = (text: string) => text.replaceAll("\u00a0", " ");
  return {
    sentences: (finding?.sentences ?? []).map(plain),
    cells: (finding?.tables ?? []).map(({ rows }) => rows.map(({ cells }) => cells.map(plain))),
  };
}

const removed: Spared = (guests, thp, scan) =>
  thp === "always" ? (guests === 2 ? 0.004 : -0.012) : scan === 500 ? 0.98 : 0.96;

Deno.test("the first sentence of a run with several factors names the level that removes the gain", () => {
  assertEquals(
    found(removed, "refaults").sentences[0],
    "thp=always removes the gain: updating mappings in place spared 96.0 % to 98.0 % of the refaults " +
      "with thp=never, and changed their number by \u22120.4 % to +1.2 % with thp=always; pages_to_scan " +
      "and guests change that by 1.0 points on average at most.",
  );
});

Deno.test("conditionsFinding() says how much of what varies is due to which factor, and what interacts", () => {
  const { sentences, cells: [main, interactions] } = found(removed, "conditions");
  assertMatch(sentences[0]!, /^thp accounts for 99\.9 % of what varies between conditions/);
  assertStringIncludes(
    sentences.at(-1)!,
    "How much pages_to_scan matters depends most on thp: by 2.0 points",
  );
  assertEquals(main?.map(([factor, level, mean]) => [factor, level, mean]), [
    ["thp", "always", "\u22120.4 %"],
    ["", "never", "97.0 %"],
    ["pages_to_scan", "500", "48.8 %"],
    ["", "2000", "47.8 %"],
    ["guests", "2", "48.7 %"],
    ["", "8", "47.9 %"],
  ]);
  assertEquals(interactions?.map(([factors, size]) => [factors, size]), [
    ["pages_to_scan \u00d7 thp", "2.0"],
    ["guests \u00d7 thp", "1.6"],
    ["guests \u00d7 pages_to_scan", "0.0"],
  ]);
});

Deno.test("the first sentence says where no factor matters, and where one only lessens the gain", () => {
  assertStringIncludes(
    found((guests) => guests === 2 ? 0.95 : 0.96, "refaults").sentences[0]!,
    "spared 95.0 % to 96.0 % of the refaults, whatever guests, pages_to_scan and thp: none of them changes " +
      "that by more than 1.0 points.",
  );
  assertMatch(
    found((_, thp) => thp === "always" ? 0.5 : 0.9, "refaults").sentences[0]!,
    /^thp=always always lessens the gain: .* spared 90\.0 % of the refaults with thp=never, and 50\.0 % with/,
  );
});

Deno.test("conditionCells() puts the factor that matters most across, and the rest into lines", () => {
  const { rows } = conditionCells(rowsOf(removed));
  assertEquals(rows.length, 16);
  const [first] = rows;
  assertEquals([first?.across, first?.down, first?.rest], [
    "thp=always",
    "pages_to_scan=500",
    "guests=2",
  ]);
  const value = rows.find((row) =>
    row.arm === "on" && row.across === "thp=never" && row.down === "pages_to_scan=2000"
  )?.refaults_per_100;
  assert(Math.abs(Number(value) - 4) < 1e-9, `${value}`);
  assertEquals(conditionCells(rowsOf(removed).slice(2)).rows, []);
});

Deno.test("conditionCells() puts two factors on one axis for each level of the lesser one", () => {
  const two = rowsOf(removed).filter(({ condition }) => `${condition}`.startsWith("guests=2"))
    .map((row) => ({ ...row, condition: `${row.condition}`.replace("guests=2, ", "") }));
  const { rows } = conditionCells(two);
  assertEquals(new Set(rows.map(({ across }) => across)).size, 2);
  assertEquals([...new Set(rows.map(({ down }) => down))], ["by thp"]);
  assertEquals([...new Set(rows.map(({ rest }) => rest))], ["thp=always", "thp=never"]);
});

Deno.test("conditionCells() has no more than three panels side by side", () => {
  const spread = rowsOf((guests, thp, scan) => removed(guests, thp, scan)).flatMap((row) =>
    ["a", "b", "c", "d"].map((size, at) => ({
      ...row,
      ...row.arm === "on" ? { refaults_per_merged_page: 0.2 * at } : {},
      condition: `${row.condition}, size=${size}`,
      trial: `${row.trial}${size}`,
    }))
  );
  const { rows } = conditionCells(spread);
  assertEquals(new Set(rows.map(({ across }) => across)).size, 2);
  assertEquals(rows[0]?.rest?.toString().startsWith("size=a"), true, `${rows[0]?.rest}`);
});

Deno.test("a run with one thing to vary has no finding of conditions", () => {
  const rows = rowsOf(removed).filter(({ condition }) =>
    condition === "guests=2, pages_to_scan=500, thp=never"
  ).map((row) => ({ ...row, condition: "" }));
  const findings = findingsOf({
    run: madeUpRun(),
    answers: { refaults_per_merged_page: rows },
  });
  assertEquals(findings.find(({ id }) => id === "conditions"), undefined);
  assertStringIncludes(findings[0]!.sentences[0]!, "of the refaults in pagecache (1 seed)");
});
