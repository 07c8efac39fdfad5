// SPDX-License-Identifier: Apache-2.0
import { compareTreatment, type Comparison } from "./paired.ts";
import type { Answer, Result } from "../engine/result.ts";

/** What is compared between arms: a column of a question's answer, of the rows that `holds` keeps. */
interface Measure {
  measure: string;
  question: string;
  column: string;
  unit: string;
  holds?: (row: Answer) => boolean;
}

const MEASURES: readonly Measure[] = [
  {
    measure: "refaults",
    question: "refaults_per_merged_page",
    column: "refaults",
    unit: "faults",
  },
  {
    measure: "refaults per merged page",
    question: "refaults_per_merged_page",
    column: "refaults_per_merged_page",
    unit: "faults per page",
  },
  {
    measure: "cost of a touch in the first round",
    question: "touch_cost",
    column: "ticks_per_touch",
    unit: "ticks",
    holds: ({ phase, round }) => phase === "touch" && round === 1,
  },
  { measure: "length of merge", question: "convergence", column: "merge_s", unit: "s" },
  { measure: "CPU time of ksmd", question: "convergence", column: "ksmd_cpu_s", unit: "s" },
  {
    measure: "memory saved after merging",
    question: "memory_over_phases",
    column: "saved_mib",
    unit: "MiB",
    holds: ({ phase }) => phase === "merge",
  },
];

/** The columns of {@linkcode effectsOf}. */
const COLUMNS = [
  ...["measure", "unit", "workload", "condition", "baseline", "treatment", "pairs"],
  ...["baseline_mean", "treatment_mean", "mean_difference", "difference_low", "difference_high"],
  ...["reduction", "reduction_low", "reduction_high", "effect_size", "p", "least_p"],
];

/**
 * How much `on` differs from `off` in each measure, workload and condition: the paired differences
 * with their 95 % intervals, effect sizes and permutation tests; see statistics/. One row each.
 *
 * @param answers rows by name of question
 */
export function effectsOf(answers: Readonly<Record<string, readonly Answer[]>>): Result {
  const rows = MEASURES.flatMap(({ measure, question, column, unit, holds = () => true }) =>
    compareTreatment((answers[question] ?? []).filter(holds), column).map((comparison) => {
      return { measure, unit, ...effectRow(comparison) };
    })
  );
  return { columns: COLUMNS, rows };
}

function effectRow({ effect, ...comparison }: Comparison): Answer {
  const { workload, condition, baseline, treatment } = comparison;
  return {
    ...{ workload, condition, baseline, treatment, pairs: effect.pairs },
    baseline_mean: comparison.baselineMean,
    treatment_mean: comparison.treatmentMean,
    mean_difference: effect.meanDifference,
    difference_low: effect.differenceInterval?.low ?? null,
    difference_high: effect.differenceInterval?.high ?? null,
    reduction: effect.reduction,
    reduction_low: effect.reductionInterval?.low ?? null,
    reduction_high: effect.reductionInterval?.high ?? null,
    effect_size: effect.effectSize,
    p: effect.permutation.p,
    least_p: effect.permutation.least,
  };
}
