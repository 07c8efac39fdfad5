// SPDX-License-Identifier: Apache-2.0
import { significant, whole, withUnit } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { clockCaveat, costUnit, workUnit } from "./clock.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";
import { groupsTable } from "./tables.ts";

/** A changed page is copied, and merged again once it is equal again. Null without these phases. */
export function breaksFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "cost_of_breaks");
  if (rows.length === 0) return null;
  const groups = groupedBy(rows, ["workload", "condition", "arm"]);
  const { unit, scale } = costUnit(evidence);
  const mean = (column: string, factor = 1) => (group: readonly Answer[]) =>
    significant((meanOf(group, column) ?? 0) * factor);
  return {
    id: "breaks",
    heading: "Breaking merged pages, and merging them again",
    sentences: groups.map((group) => inWords(group, evidence)),
    summary: [],
    tables: groupsTable("Pages broken, what a change costs, and pages merged again", groups, [
      "arm",
    ], [
      { heading: "changes", of: mean("written") },
      { heading: "pages broken", of: mean("copies") },
      { heading: "vmexits", of: mean("break_exits") },
      { heading: `${unit} a change`, of: mean("write_ticks", scale) },
      { heading: `${unit} to change back`, of: mean("restore_ticks", scale) },
      { heading: "merged again", of: mean("remerged") },
      { heading: "in, s", of: mean("remerge_s") },
      { heading: "sharing at the end", of: mean("merged_again") },
      { heading: "and before", of: mean("merged") },
    ]),
    caveats: [
      "The cost of a change is the guest\u2019s: it holds the fault, the copy and whatever the host does meanwhile. " +
      "A page that is merged again is told by the copies since merging began, less what sharing lacks at the end.",
      ...clockCaveat(evidence),
    ],
    chart: "breaks",
  };
}

function inWords(rows: readonly Answer[], evidence: Evidence): string {
  const { arm } = rows[0]!;
  const { unit, scale } = costUnit(evidence);
  const work = workUnit(evidence);
  const mean = (column: string) => meanOf(rows, column) ?? 0;
  const remerged = mean("remerged");
  const perPage = remerged > 0
    ? `, ${whole(mean("remerge_ksmd_ns") * work.scale / remerged)}\u00a0${work.unit} of ksmd a page`
    : "";
  return `In ${placeOf(rows[0]!)}, ${arm}: ${whole(mean("written"))} changes broke ${
    whole(mean("copies"))
  } merged pages in ${whole(mean("break_exits"))} vmexits; a change took ${
    significant(mean("write_ticks") * scale)
  }\u00a0${unit}, and ${
    significant(mean("restore_ticks") * scale)
  } once the page was the guest\u2019s own. ${whole(remerged)} pages merged again in ${
    withUnit(mean("remerge_s"), "s")
  }${perPage}; pages sharing came to ${whole(mean("merged_again"))} of ${whole(mean("merged"))}.`;
}
