// SPDX-License-Identifier: Apache-2.0
import { compareTreatment, type Comparison } from "../statistics/paired.ts";
import { significant, withUnit } from "./numbers.ts";
import { costUnit } from "./clock.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";

/** Fewer refaults spared a page than this, and the quotient is made of other differences. */
const ENOUGH_SPARED = 0.01;

/**
 * What one refault costs the guest that takes it: by how much the first round after merging became
 * cheaper, divided by the refaults that were spared, both per touched page.
 *
 * @returns null if no workload touches pages in two arms, or none was spared enough refaults
 */
export function refaultCostFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "touch_cost").filter(({ phase, round, unit }) =>
    phase === "touch" && round === 1 && unit === "page"
  );
  const refaults = compareTreatment(
    rowsOf(evidence, "refaults_per_merged_page"),
    "refaults_per_touched_page",
  );
  const sentences = compareTreatment(rows, "ticks_per_touch").flatMap((cost) => {
    const spared = refaults.find((other) => placeOf(other) === placeOf(cost));
    return spared === undefined ? [] : sentence(evidence, cost, spared) ?? [];
  });
  if (sentences.length === 0) return null;
  return {
    id: "refault-cost",
    heading: "What one refault costs",
    sentences,
    caveats: [
      "The refaults are those of the whole phase after merging, the cost that of its first round; later rounds " +
      "find the pages mapped. What else differs between the arms in that round is charged to the refaults.",
    ],
  };
}

function sentence(evidence: Evidence, cost: Comparison, refaults: Comparison): string | null {
  const { unit, scale } = costUnit(evidence);
  const cheaper = (cost.baselineMean - cost.treatmentMean) * scale;
  const spared = refaults.baselineMean - refaults.treatmentMean;
  if (spared < ENOUGH_SPARED) return null;
  const { baseline, treatment } = cost;
  const fewer = `${significant(spared)} fewer refaults per page`;
  if (cheaper <= 0) {
    return `In ${
      placeOf(cost)
    }, the first round is no cheaper in ${treatment} than in ${baseline}, in ` +
      `spite of ${fewer}.`;
  }
  return `In ${placeOf(cost)}, one refault costs the guest ${
    withUnit(cheaper / spared, unit)
  }: the first ` +
    `round takes ${
      withUnit(cheaper, unit)
    } fewer per page in ${treatment} than in ${baseline}, with ` +
    `${fewer}.`;
}
