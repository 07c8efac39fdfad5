// SPDX-License-Identifier: Apache-2.0
import { significant } from "./numbers.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";

/** What the pairs of trials say of the refaults that were spared. Null without two arms. */
export function sparedFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "effects").filter(({ measure }) =>
    measure === "refaults per merged page"
  );
  if (rows.length === 0) return null;
  return {
    id: "refaults-spared",
    heading: "How sure is that?",
    sentences: rows.map((row) => {
      const { difference_low: low, difference_high: high } = row;
      const spared = significant(-100 * Number(row.mean_difference));
      const interval = typeof low === "number" && typeof high === "number"
        ? ` (95\u00a0% interval ${significant(-100 * high)} to ${significant(-100 * low)})`
        : "";
      const place = placeOf(row);
      return `In ${place}, ${row.treatment} took ${spared} refaults per 100 merged pages fewer than ` +
        `${row.baseline} with the same seed${interval}.`;
    }),
    summary: [],
    tables: [{
      title: "Refaults spared per 100 merged pages, by pairs of trials with the same seed",
      columns: ["workload", "condition", "pairs", "spared", "95\u00a0% interval", "d_z"].map(
        (heading, at) => ({ heading, number: at > 1 }),
      ),
      rows: rows.map((row) => ({
        workload: String(row.workload),
        cells: [
          ...[String(row.workload), String(row.condition), String(row.pairs)],
          significant(-100 * Number(row.mean_difference) || 0),
          typeof row.difference_low === "number" && typeof row.difference_high === "number"
            ? `${significant(-100 * row.difference_high || 0)} to ${
              significant(-100 * row.difference_low || 0)
            }`
            : "\u2013",
          typeof row.effect_size === "number" ? significant(row.effect_size) : "\u2013",
        ],
      })),
    }],
    caveats: [],
    chart: "refaults_spared",
  };
}
