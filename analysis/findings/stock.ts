// SPDX-License-Identifier: Apache-2.0
import { compare, groupsOf } from "../statistics/paired.ts";
import { counted, listed, percent, significant } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { phaseAgreement } from "./control.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";
import { comparisonTable, type FindingTable } from "./tables.ts";

/** Whether the patched kernel with the knob off is the unpatched one. Null if there is no such arm. */
export function stockFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "refaults_per_merged_page");
  if (!rows.some(({ arm }) => arm === "stock")) return null;
  const comparisons = groupsOf(rows, "refaults_per_merged_page").flatMap((group) =>
    compare(group, "stock", "off") ?? []
  );
  const sentences = comparisons.map((comparison) => {
    const { reduction, baselineMean, treatmentMean, seeds } = comparison;
    const values =
      `${significant(100 * treatmentMean)} against ${significant(100 * baselineMean)} ` +
      `refaults per 100 merged pages (${seeds.length === 1 ? "1 seed" : `${seeds.length} seeds`})`;
    const how = reduction === null || reduction === 0
      ? "equals stock"
      : `differs from stock by ${percent(Math.abs(reduction))}`;
    return `In ${placeOf(comparison)}, off ${how}: ${values}.`;
  });
  return {
    id: "stock",
    heading: "The patched kernel with the knob off, against the unpatched one",
    sentences: sentences.length === 0
      ? ["No finished trials of stock and off share a workload and a seed."]
      : [...sentences, ...everyMeasure(evidence), ...phaseAgreement(evidence)],
    ...(sentences.length === 0 ? {} : {
      summary: phaseAgreement(evidence),
      tables: [
        ...comparisonTable("Refaults per 100 merged pages", comparisons, 100),
        ...measuresTable(evidence),
      ],
    }),
    caveats: [
      "The unpatched kernel is another build: its image differs in size, so that pages of the host lie " +
      "elsewhere and time does not pass identically. A difference of a fraction of a per cent is no effect of " +
      "the series by itself.",
    ],
    ...(rowsOf(evidence, "off_against_stock").length > 0 ? { chart: "off_against_stock" } : {}),
  };
}

/** Off minus stock of each measure in a place, in parts of a hundred of stock. */
interface Differences {
  rows: readonly Answer[];
  pairs: number;
  measures: [measure: string, differences_percent: number[]][];
}

function differencesOf(evidence: Evidence): Differences[] {
  return [...Map.groupBy(rowsOf(evidence, "off_against_stock"), placeOf).values()].map((rows) => {
    const known = rows.filter((row) => typeof row.difference_percent === "number");
    const measures = Map.groupBy(known, ({ measure }) => String(measure));
    return {
      rows,
      pairs: new Set(rows.map(({ seed }) => seed)).size,
      measures: [...measures].map(([measure, found]) => [
        measure,
        found.map((row) => Number(row.difference_percent)),
      ]),
    };
  });
}

/** "Differences of off from stock in pagecache (3 pairs of trials): refaults −0.4 %, …" */
function everyMeasure(evidence: Evidence): string[] {
  return differencesOf(evidence).map(({ rows, pairs, measures }) => {
    const parts = measures.map(([name, values]) => `${name} ${spreadOf(values)}`);
    return `Off minus stock in ${placeOf(rows[0]!)} (${counted(pairs, "pair")} of trials): ${
      listed(parts)
    }.`;
  });
}

function measuresTable(evidence: Evidence): FindingTable[] {
  const places = differencesOf(evidence);
  if (places.length === 0) return [];
  return [{
    title: "Off minus stock, in parts of stock, over pairs of trials with the same seed",
    columns: [
      ...["workload", "condition", "measure"].map((heading) => ({ heading })),
      ...["pairs", "difference"].map((heading) => ({ heading, number: true })),
    ],
    rows: places.flatMap(({ rows: [first], pairs, measures }) =>
      measures.map(([measure, values]) => ({
        workload: String(first!.workload),
        cells: [
          ...[String(first!.workload), String(first!.condition), measure, String(pairs)],
          spreadOf(values),
        ],
      }))
    ),
  }];
}

/** "0 %" if all pairs are equal, else the smallest and the largest difference. */
function spreadOf(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return percent(low / 100);
  return `${percent(low / 100)} to ${percent(high / 100)}`;
}
