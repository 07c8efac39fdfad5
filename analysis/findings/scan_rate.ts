// SPDX-License-Identifier: Apache-2.0
import { listed, percent, significant, withUnit } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { sharedClockCaveat, workUnit } from "./clock.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";

const NS_PER_MS = 1e6;

/** Merging is dynamic: how fast, and at what work, by the way of scanning. Null if a run has one. */
export function scanRateFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "scan_rate");
  if (rows.length === 0) return null;
  return {
    id: "scan-rate",
    heading: "Merging over time, by the way of scanning",
    sentences: groupedBy(rows, ["workload", "condition"]).map((group) => inWords(group, evidence)),
    caveats: [
      "KSM is read every 100\u00a0ms, so times are known to that. All of a guest\u2019s memory was there before KSM began.",
      ...sharedClockCaveat(evidence),
    ],
    chart: "scan_rate",
  };
}

function inWords(rows: readonly Answer[], evidence: Evidence): string {
  const { unit, scale } = workUnit(evidence);
  const per = unit === "instructions" ? "million instructions" : "ms";
  const rate = unit === "instructions" ? 1e6 / (NS_PER_MS * scale) : 1;
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
