import { compare, groupsOf } from "../paired.ts";
import { percent, significant } from "../numbers.ts";
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
      : sentences,
    caveats: [],
  };
}
