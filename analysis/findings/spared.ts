// SPDX-License-Identifier: Apache-2.0
import type { Answer, Result } from "../engine/result.ts";
import { compareTreatment } from "../statistics/paired.ts";
import { significant } from "./numbers.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";

const QUESTION = "refaults_per_merged_page";

/**
 * Refaults per 100 merged pages that each pair of trials spares: of equal seed, without the callback and with it.
 *
 * @param answers rows of `refaults_per_merged_page`
 */
export function sparedPairs(answers: readonly Answer[]): Result {
  const columns = ["workload", "condition", "baseline", "treatment", "seed", "spared_per_100"];
  const rows = compareTreatment(answers, QUESTION).flatMap(({ pairs, ...one }) =>
    pairs.map(({ seed, from, to }) => {
      const { workload, condition, baseline, treatment } = one;
      const spared_per_100 = 100 * from - 100 * to;
      return { workload, condition, baseline, treatment, seed, spared_per_100 };
    })
  );
  return { columns, rows };
}

/** What the pairs of trials say of the refaults that were spared. Null without two arms. */
export function sparedFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "effects").filter(({ measure }) =>
    measure === "refaults per merged page"
  );
  if (rows.length === 0) return null;
  const condition = rows.some((row) => row.condition !== "") ? ["condition"] : [];
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
      columns: [
        ...["workload", ...condition].map((heading) => ({ heading })),
        ...["pairs", "spared", "95\u00a0% interval", "d_z"].map((heading) => {
          return { heading, number: true };
        }),
      ],
      rows: rows.map((row) => ({
        workload: String(row.workload),
        cells: [
          ...["workload", ...condition, "pairs"].map((name) => String(row[name])),
          significant(-100 * Number(row.mean_difference) || 0),
          typeof row.difference_low === "number" && typeof row.difference_high === "number"
            ? `${significant(-100 * row.difference_high || 0)} to ${
              significant(-100 * row.difference_low || 0)
            }`
            : "\u2013",
          typeof row.effect_size === "number" ? significant(-row.effect_size) : "\u2013",
        ],
      })),
    }],
    caveats: [],
    chart: "refaults_spared",
  };
}
