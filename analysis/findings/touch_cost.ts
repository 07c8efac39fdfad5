// SPDX-License-Identifier: Apache-2.0
import { mean } from "simple-statistics";
import { significant } from "./numbers.ts";
import { compareTreatment, type Comparison, groupsOf } from "../statistics/paired.ts";
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
import { comparisonTable, rangeInWords } from "./tables.ts";

/** What the guests themselves notice: the cost of a touch, in the first round after merging and the last. */
export function touchCostFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "touch_cost").filter(({ phase }) => phase === "touch");
  const firstRound = rows.filter(({ round }) => round === 1);
  const first = compareTreatment(firstRound, "ticks_per_touch");
  const lastRound = rows.reduce((last, { round }) => Math.max(last, Number(round)), 0);
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
    ...(first.length > 0
      ? {
        summary: inShort(first, last, lastRound),
        tables: [
          ...comparisonTable(`${capital(unit)} per touch, first round after merging`, first, scale),
          ...(lastRound > 1
            ? comparisonTable(`${capital(unit)} per touch, last round`, last, scale)
            : []),
        ],
      }
      : {}),
    caveats: [...clockCaveat(evidence), ...(first.length > 0 ? seedCaveat(first) : [])],
    ...(rowsOf(evidence, "touch_cost_distribution").length > 0 ? { chart: "touch_cost" } : {}),
  };
}

function inShort(
  first: readonly Comparison[],
  last: readonly Comparison[],
  lastRound: number,
): string[] {
  const [now, later] = [rangeInWords(first, "less"), rangeInWords(last, "less")];
  if (now === null) return [];
  const then = lastRound > 1 && later !== null ? `; in the last round ${later}` : "";
  return [`With mappings updated in place, a touch in the first round costs ${now}${then}.`];
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
