// SPDX-License-Identifier: Apache-2.0
import { isShadowPaging } from "../../machines/paging.ts";
import { compareTreatment, type Comparison, groupsOf } from "../statistics/paired.ts";
import type { Answer } from "../engine/result.ts";
import { conditionsVerdict } from "./conditions.ts";
import { counted, listed, percent, significant, whole } from "./numbers.ts";
import { armsTable, comparisonTable, type FindingTable } from "./tables.ts";
import {
  compareInWords,
  type Evidence,
  type Finding,
  noComparison,
  placeOf,
  rowsOf,
  seedCaveat,
  testCaveat,
} from "./finding.ts";

/** The reduction that the lab set out to show, in every workload. */
export const CLAIMED_REDUCTION = 0.9;
/** The same for sentences. */
export const CLAIM = "90\u00a0%";

const QUESTION = "refaults_per_merged_page";
const MEASURE = "read and fetch refaults per 100 merged pages after merging";

/** The headline: second-level refaults that merging causes, and those that change_pte spares. */
export function refaultFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, QUESTION);
  const comparisons = compareTreatment(rows, QUESTION);
  const first = conditionsVerdict(comparisons) ?? verdict(comparisons);
  const touched = compareTreatment(rows, "refaults_per_touched_page");
  const sentences = comparisons.length === 0
    ? [noComparison("refaults"), ...single(evidence)]
    : [first, ...comparisons.map((c) => sentence(evidence, c))];
  return {
    id: "refaults",
    heading: "Refaults after merging",
    sentences: [...sentences, ...touchedPages(touched)],
    ...(comparisons.length > 0
      ? {
        summary: [first],
        tables: [
          ...comparisonTable("Read and fetch refaults per 100 merged pages", comparisons, 100),
          ...comparisonTable("The same per 100 pages of the working set", touched, 100),
          ...countTable(rows, comparisons),
        ],
      }
      : {}),
    caveats: [
      ...caveats(evidence),
      ...(comparisons.length > 0 ? seedCaveat(comparisons) : []),
      ...testCaveat(comparisons),
    ],
    ...(rows.length > 0 ? { chart: "refaults" } : {}),
  };
}

/**
 * What was spared, as one sentence with its range over places and over single seeds; where the reduction
 * stays below what was claimed it says so first.
 */
export function verdict(comparisons: readonly Comparison[]): string {
  const comparable = comparisons.filter(({ reduction }) => reduction !== null);
  if (comparable.length === 0) return "No arm refaulted without the callback: nothing to reduce.";
  const reached = comparable.filter(({ reduction }) => (reduction ?? 0) >= CLAIMED_REDUCTION);
  const missed = comparable.filter((comparison) => !reached.includes(comparison));
  const places = listed(comparable.map(placeOf));
  if (missed.length === 0) {
    return `Updating mappings in place instead of dropping them spared ${
      sparedIn(reached)
    } of the refaults in ${places}${bySeed(reached)}.`;
  }
  const also = reached.length === 0
    ? ""
    : `; it spared ${sparedIn(reached)} in ${listed(reached.map(placeOf))}`;
  const parts = missed.map((one) => {
    const reduction = one.reduction ?? 0;
    const found = reduction === 0
      ? "no difference"
      : `${percent(Math.abs(reduction))} ${reduction < 0 ? "more" : "fewer"}`;
    return `${placeOf(one)} (${found})`;
  });
  return `Updating mappings in place spared less than the expected ${CLAIM} of the refaults in ${
    listed(parts)
  }${also}.`;
}

/** "97.4 % to 99.7 %" */
function sparedIn(comparisons: readonly Comparison[]): string {
  const shares = comparisons.map(({ reduction }) => reduction ?? 0);
  return rangeOf(shares);
}

/** " (3 seeds each: 97.3 % to 99.8 %)" */
function bySeed(comparisons: readonly Comparison[]): string {
  const counts = comparisons.map(({ seeds }) => seeds.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const seeds = least === most ? counted(most, "seed") : `${least} to ${counted(most, "seed")}`;
  const each = comparisons.length > 1 ? " each" : "";
  const shares = comparisons.flatMap(({ reductions }) => reductions);
  return most === 1 ? ` (${seeds}${each})` : ` (${seeds}${each}: ${rangeOf(shares)})`;
}

function rangeOf(shares: readonly number[]): string {
  const [low, high] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  return low === high ? low : `${low} to ${high}`;
}

function sentence(evidence: Evidence, comparison: Comparison): string {
  const words = compareInWords(comparison, { measure: MEASURE, scale: 100 });
  const counts = groupsOf(rowsOf(evidence, QUESTION), "refaults").find((group) =>
    group.workload === comparison.workload && group.condition === comparison.condition
  );
  const total = (arm: string) => {
    const bySeed = counts?.arms.get(arm);
    return whole(comparison.seeds.reduce((sum, seed) => sum + (bySeed?.get(seed) ?? 0), 0));
  };
  const { baseline, treatment } = comparison;
  return `${words} Counted: ${total(baseline)} refaults in ${baseline}, ${total(treatment)} in ` +
    `${treatment}.`;
}

/** What can be said of arms that stand alone. */
function single(evidence: Evidence): string[] {
  return groupsOf(rowsOf(evidence, QUESTION), QUESTION).flatMap((group) =>
    [...group.arms].map(([arm, seeds]) => {
      const values = [...seeds.values()];
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return `In ${placeOf(group)}, ${arm} took ${significant(100 * mean)} ${MEASURE}.`;
    })
  );
}

/** Refaults and merged pages themselves, summed over the seeds that are compared. */
function countTable(rows: readonly Answer[], comparisons: readonly Comparison[]): FindingTable[] {
  const compared = groupsOf(rows, "refaults").flatMap((group) => {
    const one = comparisons.find((other) => placeOf(other) === placeOf(group));
    if (one === undefined) return [];
    const arms = [one.baseline, one.treatment].map((arm) => {
      const seeds = [...group.arms.get(arm) ?? []].filter(([seed]) => one.seeds.includes(seed));
      return [arm, new Map([[0, seeds.reduce((sum, [, value]) => sum + value, 0)]])] as const;
    });
    return [{ ...group, arms: new Map(arms) }];
  });
  return armsTable("Refaults counted, all seeds together", compared, whole);
}

function touchedPages(comparisons: readonly Comparison[]): string[] {
  if (comparisons.length === 0) return [];
  const parts = comparisons.map((comparison) => {
    const [from, to] = [comparison.baselineMean, comparison.treatmentMean];
    return `${significant(100 * from)} against ${significant(100 * to)} in ${placeOf(comparison)}`;
  });
  const [first] = comparisons;
  return [
    `Per 100 pages of the working set that was touched, ${first?.baseline} against ` +
    `${first?.treatment}: ${listed(parts)}.`,
  ];
}

function caveats({ run }: Evidence): string[] {
  const settings = run.trials.map((trial) => trial.settings);
  const shadow = settings.some(({ mmu }) => isShadowPaging(mmu));
  const huge = settings.some(({ thp }) => thp !== undefined && thp !== "never");
  return [
    "A merged page that no guest touches again in that phase cannot refault, so the ratio depends on how much " +
    "of the merged memory the workload reads.",
    "Only the faults of the first phase after merging count. What a guest that runs while ksmd works suffers " +
    "during merging is not in this number.",
    ...(shadow
      ? [
        "Under shadow paging, faults of the guest's own page table walks and its own page faults cannot be " +
        "told from second-level faults by their code, so both arms contain them.",
      ]
      : []),
    ...(huge
      ? [
        "Where transparent huge pages are on, splitting one drops all of its 512 mappings whatever the arm, " +
        "which hides the effect.",
      ]
      : []),
  ];
}
