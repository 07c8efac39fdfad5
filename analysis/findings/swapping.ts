// SPDX-License-Identifier: Apache-2.0
import { significant, whole, withUnit } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { clockCaveat, costUnit } from "./clock.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";
import { groupsTable } from "./tables.ts";

/** Swapping under memory pressure, with KSM and without. Null if no trial had swap. */
export function swappingFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "swapping");
  if (rows.length === 0) return null;
  const groups = groupedBy(rows, ["workload", "condition", "ksm", "arm"]);
  return {
    id: "swapping",
    heading: "Memory pressure: what goes to swap",
    sentences: groups.map((group) => inWords(group, evidence)),
    summary: [],
    tables: groupsTable("Swapping, means over trials", groups, ["ksm", "arm"], [
      {
        heading: "swapped out, MiB",
        of: (group) => significant(perTrial(group, "swapped_out_mib")),
      },
      { heading: "swapped in, MiB", of: (group) => significant(perTrial(group, "swapped_in_mib")) },
      { heading: "stalls for memory", of: (group) => whole(perTrial(group, "stalls")) },
      { heading: "faults that waited", of: (group) => whole(perTrial(group, "major_faults")) },
    ]),
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

function perTrial(rows: readonly Answer[], column: string): number {
  const trials = new Set(rows.map(({ trial }) => trial)).size;
  return rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0) / trials;
}

function inWords(rows: readonly Answer[], evidence: Evidence): string {
  const { mode } = rows[0]!;
  const { unit, scale } = costUnit(evidence);
  const total = (column: string, phases: readonly Answer[] = rows) => perTrial(phases, column);
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
