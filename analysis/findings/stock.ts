// SPDX-License-Identifier: Apache-2.0
import { compare, groupsOf } from "../statistics/paired.ts";
import { counted, listed, percent, significant } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { phaseAgreement } from "./control.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";

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
    caveats: [
      "The unpatched kernel is another build: its image differs in size, so that pages of the host lie " +
      "elsewhere and time does not pass identically. A difference of a fraction of a per cent is no effect of " +
      "the series by itself.",
    ],
    ...(rowsOf(evidence, "off_against_stock").length > 0 ? { chart: "off_against_stock" } : {}),
  };
}

/** "Differences of off from stock in pagecache (3 pairs of trials): refaults −0.4 %, …" */
function everyMeasure(evidence: Evidence): string[] {
  const places = new Map<string, Answer[]>();
  for (const row of rowsOf(evidence, "off_against_stock")) {
    const place = placeOf(row);
    places.set(place, [...places.get(place) ?? [], row]);
  }
  return [...places].map(([place, rows]) => {
    const measures = new Map<string, number[]>();
    for (const { measure, difference_percent } of rows) {
      if (typeof difference_percent !== "number") continue;
      const name = String(measure);
      measures.set(name, [...measures.get(name) ?? [], difference_percent]);
    }
    const pairs = counted(new Set(rows.map(({ seed }) => seed)).size, "pair");
    const parts = [...measures].map(([name, values]) => `${name} ${spreadOf(values)}`);
    return `Off minus stock in ${place} (${pairs} of trials): ${listed(parts)}.`;
  });
}

/** "0 %" if all pairs are equal, else the smallest and the largest difference. */
function spreadOf(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return percent(low / 100);
  return `${percent(low / 100)} to ${percent(high / 100)}`;
}
