// SPDX-License-Identifier: Apache-2.0
import { significant, whole, withUnit } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { clockCaveat, costUnit } from "./clock.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";

/** Swapping under memory pressure, with KSM and without. Null if no trial had swap. */
export function swappingFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "swapping");
  if (rows.length === 0) return null;
  return {
    id: "swapping",
    heading: "Memory pressure: what goes to swap",
    sentences: groupedBy(rows, ["workload", "condition", "ksm", "arm"])
      .map((group) => inWords(group, evidence)),
    caveats: [
      "Swap is a RAM disk whose pages were all taken before the trial began: what goes there makes room, and costs " +
      "the instructions of the way there and back, without a disk\u2019s delay.",
      "KSM does not look at pages that are swapped out, and begins with the phase merge: what was swapped before " +
      "that is only merged after somebody has touched it.",
      ...clockCaveat(evidence),
    ],
    chart: "swapping",
  };
}

function inWords(rows: readonly Answer[], evidence: Evidence): string {
  const { mode } = rows[0]!;
  const { unit, scale } = costUnit(evidence);
  const trials = new Set(rows.map(({ trial }) => trial)).size;
  const total = (column: string, phases: readonly Answer[] = rows) =>
    phases.reduce((sum, row) => sum + Number(row[column] ?? 0), 0) / trials;
  const touch = rows.filter(({ phase }) => phase === "touch");
  const cost = meanOf(touch, "touch_ticks");
  const touched = cost === null
    ? ""
    : `; after merging, the first touch of a page took ${
      significant(cost * scale)
    }\u00a0${unit}, and ${whole(total("major_faults", touch))} faults waited for swap`;
  return `In ${placeOf(rows[0]!)}, ${mode}: ${
    withUnit(total("swapped_out_mib"), "MiB")
  } went to swap and ${withUnit(total("swapped_in_mib"), "MiB")} came back, with ${
    whole(total("stalls"))
  } stalls for memory${touched}.`;
}
