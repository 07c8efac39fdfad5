// SPDX-License-Identifier: Apache-2.0
import { compareTreatment, type Comparison, groupsOf } from "../statistics/paired.ts";
import { sharedClockCaveat } from "./clock.ts";
import { listed, percent, significant, whole, withUnit } from "./numbers.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";
import { armsTable } from "./tables.ts";

/** Two arms whose means differ by less than this are said to agree. */
const SAME = 0.02;

/** Memory that merging freed, and whether the arms agree on it. */
export function memoryFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "memory_over_phases");
  const merged = rows.filter(({ phase }) => phase === "merge");
  const groups = groupsOf(merged, "saved_mib");
  const sentences = groups.map((group) => {
    const arms = [...group.arms].map(([arm, seeds]) =>
      `${withUnit(average(seeds), "MiB")} in ${arm}`
    );
    return `Merging freed ${listed(arms)} in ${placeOf(group)}.`;
  });
  const agreement = agreementOf(compareTreatment(merged, "saved_mib"), "memory saved");
  return {
    id: "memory",
    heading: "Memory saved",
    sentences: sentences.length === 0
      ? [
        "Nothing is known of the memory saved: no finished trial has readings before and after merging.",
      ]
      : [...sentences, ...agreement],
    ...(groups.length > 0
      ? { summary: agreement, tables: armsTable("Memory that merging freed, MiB", groups) }
      : {}),
    caveats: [
      "Saved is the fall of the host's memory in use from the end of the phase before merging to the end of " +
      "merging. It holds everything that changed on the host meanwhile, also page tables.",
    ],
    ...(rows.length > 0 ? { chart: "memory" } : {}),
  };
}

/** Sharing over time: how much, how fast and at what work. */
export function sharingFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "convergence");
  const sharing = groupsOf(rows, "pages_sharing").map((group) => {
    const arms = [...group.arms].map(([arm, seeds]) => `${whole(average(seeds))} in ${arm}`);
    return `At the end of merging, pages sharing in ${placeOf(group)}: ${listed(arms)}.`;
  });
  return {
    id: "sharing",
    heading: "Sharing over time",
    sentences: sharing.length === 0 ? ["No finished trial merged anything."] : [
      ...sharing,
      ...agreementOf(compareTreatment(rows, "pages_sharing"), "pages sharing"),
      ...work(rows, "to_99_percent_s", "Time until 99\u00a0% of that was reached"),
      ...work(rows, "ksmd_cpu_s", "CPU time of ksmd while merging"),
    ],
    ...(sharing.length > 0
      ? {
        summary: agreementOf(compareTreatment(rows, "pages_sharing"), "pages sharing"),
        tables: [
          ...armsTable(
            "Pages sharing at the end of merging",
            groupsOf(rows, "pages_sharing"),
            whole,
          ),
          ...armsTable("Until 99\u00a0% of that, s", groupsOf(rows, "to_99_percent_s")),
          ...armsTable("CPU time of ksmd while merging, s", groupsOf(rows, "ksmd_cpu_s")),
        ],
      }
      : {}),
    caveats: [
      "KSM is read once for each full scan, so times to converge are known to one scan.",
      ...(evidence.run.mode === "exact"
        ? ["Times are virtual: they count the instructions executed, and idle time is skipped."]
        : []),
      ...sharedClockCaveat(evidence),
    ],
    ...(rowsOf(evidence, "sharing_over_time").length > 0 ? { chart: "sharing" } : {}),
  };
}

function work(rows: Evidence["answers"][string], measure: string, what: string): string[] {
  const parts = groupsOf(rows, measure).map((group) => {
    const arms = [...group.arms].map(([arm, seeds]) =>
      `${withUnit(average(seeds), "s")} in ${arm}`
    );
    return `${placeOf(group)} ${arms.join(", ")}`;
  });
  return parts.length === 0 ? [] : [`${what}: ${parts.join("; ")}.`];
}

function average(seeds: ReadonlyMap<number, number>): number {
  const values = [...seeds.values()];
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A null result is a result: the arms should agree on what merging gains. */
function agreementOf(comparisons: readonly Comparison[], what: string): string[] {
  const apart = comparisons.filter(({ reduction }) => Math.abs(reduction ?? 0) > SAME);
  if (comparisons.length === 0) return [];
  if (apart.length === 0) {
    return [`The arms agree on the ${what} to within ${percent(largest(comparisons))}.`];
  }
  return apart.map((comparison) => {
    const { baseline, treatment, reduction } = comparison;
    const direction = (reduction ?? 0) > 0 ? "less" : "more";
    return `In ${placeOf(comparison)}, the arms differ on the ${what}: ${treatment} has ` +
      `${percent(Math.abs(reduction ?? 0))} ${direction} than ${baseline} ` +
      `(${significant(comparison.treatmentMean)} against ${significant(comparison.baselineMean)}).`;
  });
}

function largest(comparisons: readonly Comparison[]): number {
  return Math.max(...comparisons.map(({ reduction }) => Math.abs(reduction ?? 0)));
}
