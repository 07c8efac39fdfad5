// SPDX-License-Identifier: Apache-2.0
import { counted, listed } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";
import { groupsTable } from "./tables.ts";

/** How many guests a host holds before it swaps. Null if no trial grew. */
export function densityFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "density");
  if (rows.length === 0) return null;
  return {
    id: "density",
    heading: "How many guests fit",
    sentences: groupedBy(rows, ["workload", "condition", "host_memory_mib"]).map(inWords),
    summary: [],
    tables: groupsTable(
      "Guests that fit before the host swaps",
      groupedBy(rows, ["workload", "condition", "host_memory_mib", "mode"]),
      ["host_memory_mib", "mode"],
      [{
        heading: "guests",
        of: (group) =>
          String(meanOf(group, "guests_before_pressure") ?? 0) +
          (group.some(({ reached_limit }) => reached_limit) ? " or more" : ""),
      }],
    ),
    caveats: [
      "Pressure begins when 1\u00a0MiB has been swapped out. A guest is added when the one before has loaded and is " +
      "merged as far as it can be, so the last one needs room before it is merged.",
      "The host\u2019s memory also holds its own kernel and the image that it booted from.",
    ],
    chart: "density",
  };
}

function inWords(rows: readonly Answer[]): string {
  const { host_memory_mib } = rows[0]!;
  const parts = groupedBy(rows, ["mode"]).map((found) => {
    const guests = meanOf(found, "guests_before_pressure") ?? 0;
    const more = found.some(({ reached_limit }) => reached_limit) ? " or more" : "";
    return `${counted(guests, "guest")}${more} with ${found[0]!.mode}`;
  });
  return `A host of ${host_memory_mib}\u00a0MiB runs ${listed(parts)} of ${
    placeOf(rows[0]!)
  } before it swaps.`;
}
