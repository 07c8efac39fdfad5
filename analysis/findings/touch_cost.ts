// SPDX-License-Identifier: Apache-2.0
import { mean } from "simple-statistics";
import { significant } from "./numbers.ts";
import { compareTreatment, groupsOf } from "../statistics/paired.ts";
import { clockCaveat, costUnit } from "./clock.ts";
import {
  compareInWords,
  type Evidence,
  type Finding,
  noComparison,
  placeOf,
  rowsOf,
  seedCaveat,
} from "./finding.ts";

/** What the guests themselves notice: the cost of a touch, in the first round after merging and the last. */
export function touchCostFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "touch_cost").filter(({ phase }) => phase === "touch");
  const firstRound = rows.filter(({ round }) => round === 1);
  const first = compareTreatment(firstRound, "ticks_per_touch");
  const lastRound = Math.max(...rows.map(({ round }) => Number(round)));
  const last = compareTreatment(rows.filter(({ round }) => round === lastRound), "ticks_per_touch");
  const units = new Map(rows.map(({ workload, unit }) => [workload, unit]));
  const touched = (workload: string) => {
    const unit = units.get(workload);
    return unit === "page" ? "page touched" : String(unit);
  };
  const words = (round: string) => (comparison: typeof first[number]) =>
    compareInWords(comparison, {
      measure: `per ${touched(comparison.workload)} in the ${round} round after merging`,
      ...costUnit(evidence),
      amount: true,
    });
  const { unit, scale } = costUnit(evidence);
  const alone = () =>
    groupsOf(firstRound, "ticks_per_touch").flatMap((group) =>
      [...group.arms].map(([arm, seeds]) => {
        const cost = significant(scale * mean([...seeds.values()]));
        const per = `${unit} per ${touched(group.workload)}`;
        return `In ${placeOf(group)}, ${arm} took ${cost} ${per} in the first round after merging.`;
      })
    );
  return {
    id: "touch-cost",
    heading: "What a touch costs the guest",
    sentences: first.length === 0 ? [noComparison("the cost of a touch"), ...alone()] : [
      ...first.map(words("first")),
      ...(lastRound > 1 ? last.map(words("last")) : []),
    ],
    caveats: [...clockCaveat(evidence), ...(first.length > 0 ? seedCaveat(first) : [])],
    ...(rowsOf(evidence, "touch_cost_distribution").length > 0 ? { chart: "touch_cost" } : {}),
  };
}
