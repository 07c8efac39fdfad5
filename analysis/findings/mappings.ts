// SPDX-License-Identifier: Apache-2.0
import { compareTreatment, type Comparison, groupsOf } from "../statistics/paired.ts";
import { listed, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { compareInWords, type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";
import { armsTable, comparisonTable, rangeInWords } from "./tables.ts";

/** What change_pte did, by the kernel's own counters. */
export function inPlaceFinding(evidence: Evidence): Finding {
  const rows = sumsByTrial(rowsOf(evidence, "mapped_in_place"), [
    "updated",
    "zapped",
    "missed",
    "unmapped",
  ]);
  const sentences = groupsOf(rows, "updated").map((group) => {
    const means = (name: string) => {
      const same = groupsOf(rows, name).find((other) => placeOf(other) === placeOf(group));
      const arms = [...same?.arms ?? []].map(([arm, seeds]) => `${meanOf(seeds)} in ${arm}`);
      return listed(arms);
    };
    return `In ${placeOf(group)}, second-level mappings changed in place: ${means("updated")}; ` +
      `dropped by the callback: ${means("zapped")}; calls that found no mapping: ` +
      `${means("missed")}; mappings dropped before the callback came: ${means("unmapped")}.`;
  });
  return {
    id: "mapped-in-place",
    heading: "Mappings changed in place",
    sentences: sentences.length === 0
      ? ["The kernel offered no counters of mappings changed in place."]
      : sentences,
    ...(sentences.length > 0
      ? {
        summary: [],
        tables: [
          ...armsTable("Mappings changed in place", groupsOf(rows, "updated"), whole),
          ...armsTable("Mappings dropped by the callback", groupsOf(rows, "zapped"), whole),
          ...armsTable("Calls that found no mapping", groupsOf(rows, "missed"), whole),
          ...armsTable("Mappings dropped before the callback", groupsOf(rows, "unmapped"), whole),
        ],
      }
      : {}),
    caveats: ["Means over seeds, whole trials, all guests together."],
    ...(sentences.length > 0 ? { table: "mapped_in_place" } : {}),
  };
}

/** Faults of guest page-table walks: the part that change_pte cannot spare. */
export function walkFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "page_table_walk_faults");
  const perTrial = sumsByTrial(
    rows.filter(({ phase }) => phase === "merge" || phase === "touch"),
    ["walk_faults"],
  );
  const comparisons = compareTreatment(perTrial, "walk_faults");
  const words = comparisons.map((comparison) =>
    compareInWords(comparison, {
      measure: "faults in guest page-table walks during merging and touching",
    })
  );
  const alone = groupsOf(perTrial, "walk_faults").map((group) => {
    const arms = [...group.arms].map(([arm, seeds]) => `${meanOf(seeds)} in ${arm}`);
    return `Faults in guest page-table walks in ${placeOf(group)}: ${listed(arms)}.`;
  });
  const sentences = words.length > 0 ? words : alone;
  return {
    id: "page-table-walks",
    heading: "Merged guest page tables",
    sentences: sentences.length === 0 ? ["No finished trial has such counts."] : sentences,
    ...(perTrial.length > 0
      ? {
        summary: walksInShort(comparisons),
        tables: comparisons.length > 0
          ? comparisonTable("Faults in guest page-table walks, merging and after", comparisons)
          : armsTable("Faults in guest page-table walks", groupsOf(perTrial, "walk_faults"), whole),
      }
      : {}),
    caveats: [
      "On SVM the walk of a guest page table counts as a write at the second level: a page-table page that was " +
      "merged is copied at the next walk. These faults are not refaults of the kind change_pte spares, and are " +
      "not in the refaults above.",
    ],
    ...(rows.length > 0 ? { table: "page_table_walk_faults" } : {}),
  };
}

function walksInShort(comparisons: readonly Comparison[]): string[] {
  const range = rangeInWords(comparisons);
  return range === null ? [] : [`With mappings updated in place: ${range}.`];
}

/** One row a trial, with the sums of the measures over its rows. */
function sumsByTrial(rows: readonly Answer[], measures: readonly string[]): Answer[] {
  const trials = new Map<string, Answer>();
  for (const row of rows) {
    const before = trials.get(String(row.trial));
    const sums = measures.map((name) => [name, Number(before?.[name] ?? 0) + Number(row[name])]);
    trials.set(String(row.trial), { ...row, ...Object.fromEntries(sums) });
  }
  return [...trials.values()];
}

function meanOf(seeds: ReadonlyMap<number, number>): string {
  return whole([...seeds.values()].reduce((sum, value) => sum + value, 0) / seeds.size);
}
