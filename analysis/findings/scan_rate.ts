// SPDX-License-Identifier: Apache-2.0
import { listed, percent, significant, withUnit } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { sharedClockCaveat, workUnit } from "./clock.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";
import { groupsTable } from "./tables.ts";

const NS_PER_MS = 1e6;

/** Merging is dynamic: how fast, and at what work, by the way of scanning. Null if a run has one. */
export function scanRateFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "scan_rate");
  if (rows.length === 0) return null;
  const { per, rate } = rateUnit(evidence);
  const mean = (column: string, show = significant) => (group: readonly Answer[]) =>
    show(meanOf(group, column) ?? 0);
  return {
    id: "scan-rate",
    heading: "Merging over time, by the way of scanning",
    sentences: groupedBy(rows, ["workload", "condition"]).map((group) => inWords(group, evidence)),
    summary: groupedBy(rows, ["workload"]).flatMap(inShort),
    tables: groupsTable(
      "How long merging takes, and what ksmd works for it, means over trials",
      groupedBy(rows, ["workload", "condition", "scanning", "arm"]),
      ["scanning", "arm"],
      [
        { heading: "s to 50\u00a0%", of: mean("to_50_percent_s") },
        { heading: "s to 90\u00a0%", of: mean("to_90_percent_s") },
        { heading: "s to 99\u00a0%", of: mean("to_99_percent_s") },
        {
          heading: `pages merged per ${per} of ksmd`,
          of: (group) => significant((meanOf(group, "merged_per_ksmd_ms") ?? 0) * rate),
        },
        { heading: "CPU that ksmd had", of: mean("share_of_cpu", percent) },
      ],
    ),
    caveats: [
      "KSM is read every 100\u00a0ms, so times are known to that. All of a guest\u2019s memory was there before KSM began.",
      ...sharedClockCaveat(evidence),
    ],
    chart: "scan_rate",
  };
}

/** How ksmd's pace is given, and what a rate per ms is multiplied by for it. */
function rateUnit(evidence: Evidence): { per: string; rate: number } {
  const { unit, scale } = workUnit(evidence);
  return unit === "instructions"
    ? { per: "million instructions", rate: 1e6 / (NS_PER_MS * scale) }
    : { per: "ms", rate: 1 };
}

/** "99 % of the final sharing of kernels took from 1.2 s (…) to 8.4 s (…)." Nothing with one way of scanning. */
function inShort(rows: readonly Answer[]): string[] {
  const ways = groupedBy(rows, ["scanning"]).map((found) => ({
    scanning: String(found[0]!.scanning),
    seconds: meanOf(found, "to_99_percent_s") ?? 0,
  })).sort((a, b) => a.seconds - b.seconds);
  const [first, last] = [ways[0]!, ways.at(-1)!];
  if (first === last) return [];
  return [
    `99\u00a0% of the final sharing of ${rows[0]!.workload} took from ${
      withUnit(first.seconds, "s")
    } (${first.scanning}) to ${withUnit(last.seconds, "s")} (${last.scanning}).`,
  ];
}

function inWords(rows: readonly Answer[], evidence: Evidence): string {
  const { per, rate } = rateUnit(evidence);
  const parts = groupedBy(rows, ["scanning"]).map((found) =>
    `${withUnit(meanOf(found, "to_99_percent_s") ?? 0, "s")} with ${found[0]!.scanning} (${
      significant((meanOf(found, "merged_per_ksmd_ms") ?? 0) * rate)
    } pages merged per ${per} of ksmd, which had ${
      percent(meanOf(found, "share_of_cpu") ?? 0)
    } of the CPU)`
  );
  return `In ${placeOf(rows[0]!)}, 99\u00a0% of the final sharing was reached after ${
    listed(parts)
  }.`;
}
