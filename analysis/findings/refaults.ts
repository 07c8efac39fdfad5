// SPDX-License-Identifier: Apache-2.0
import { compareTreatment, type Comparison, groupsOf } from "../statistics/paired.ts";
import { listed, significant, whole } from "./numbers.ts";
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
  const sentences = comparisons.length === 0
    ? [noComparison("refaults"), ...single(evidence)]
    : [verdict(comparisons), ...comparisons.map((c) => sentence(evidence, c))];
  return {
    id: "refaults",
    heading: "Refaults after merging",
    sentences: [...sentences, ...touchedPages(evidence)],
    caveats: [
      ...caveats(evidence),
      ...(comparisons.length > 0 ? seedCaveat(comparisons) : []),
      ...testCaveat(comparisons),
    ],
    ...(rows.length > 0 ? { chart: "refaults" } : {}),
  };
}

/** Whether the reduction reaches what was claimed, for all places at once and each that fails. */
export function verdict(comparisons: readonly Comparison[]): string {
  const comparable = comparisons.filter(({ reduction }) => reduction !== null);
  if (comparable.length === 0) return "No arm refaulted without the callback: nothing to reduce.";
  const reached = comparable.filter(({ reduction }) => (reduction ?? 0) >= CLAIMED_REDUCTION);
  const places = (list: readonly Comparison[]) => listed(list.map(placeOf));
  if (reached.length === comparable.length) {
    return `Mapping merged pages in place spared at least ${CLAIM} of the refaults in ${
      places(reached)
    }.`;
  }
  const missed = comparable.filter((comparison) => !reached.includes(comparison));
  const also = reached.length > 0 ? `; it did in ${places(reached)}` : "";
  return `The reduction does not reach ${CLAIM} in ${places(missed)}${also}.`;
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

function touchedPages(evidence: Evidence): string[] {
  const comparisons = compareTreatment(rowsOf(evidence, QUESTION), "refaults_per_touched_page");
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
  const shadow = settings.some(({ mmu }) => mmu === "shadow");
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
