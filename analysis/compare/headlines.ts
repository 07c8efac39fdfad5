// SPDX-License-Identifier: Apache-2.0
import type { MetricValue, TrialValues } from "./values.ts";

/** A number of a trial that a comparison shows first. */
export interface Headline {
  /** What conditions call it, such as "refaults > 5%". */
  name: string;
  title: string;
  question: string;
  measure: string;
  /** Only rows of this phase; others are added up. */
  phase?: string;
  scale?: number;
}

export const headlines: readonly Headline[] = [
  {
    name: "refaults",
    title: "Refaults per 100 merged pages",
    ...{ question: "refaults_per_merged_page", measure: "refaults_per_merged_page", scale: 100 },
  },
  {
    name: "vmexits-in-merge",
    title: "Vmexits in merge",
    ...{ question: "exits_by_reason_and_phase", measure: "count", phase: "merge" },
  },
  {
    name: "vmexits-in-touch",
    title: "Vmexits in touch",
    ...{ question: "exits_by_reason_and_phase", measure: "count", phase: "touch" },
  },
  {
    name: "merged-pages",
    title: "Merged pages",
    ...{ question: "refaults_per_merged_page", measure: "merged_pages" },
  },
  {
    name: "memory-saved",
    title: "Memory saved by merging, MiB",
    ...{ question: "memory_over_phases", measure: "saved_mib", phase: "merge" },
  },
  {
    name: "convergence",
    title: "Time to converge, s",
    ...{ question: "convergence", measure: "merge_s" },
  },
  {
    name: "ksmd",
    title: "CPU time of ksmd in merge, s",
    ...{ question: "convergence", measure: "ksmd_cpu_s" },
  },
];

/** A trial's value of a headline; nothing where the trial has none. */
export function headlineValue(headline: Headline, values: TrialValues): number | undefined {
  const found = [...values.values()].filter((value) => belongs(value, headline))
    .map(({ value }) => value).filter((value) => typeof value === "number");
  if (found.length === 0) return undefined;
  return found.reduce((sum, value) => sum + value, 0) * (headline.scale ?? 1);
}

function belongs({ question, measure, phase }: MetricValue, headline: Headline): boolean {
  return question === headline.question && measure === headline.measure &&
    (headline.phase === undefined || phase === headline.phase);
}
