// SPDX-License-Identifier: Apache-2.0
import { listed, percent, whole, withUnit } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";
import { groupsTable } from "./tables.ts";

/** What could have been shared and what was, by kind. Null if no trial took a census. */
export function censusFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "census");
  if (rows.length === 0) return null;
  const tables = rowsOf(evidence, "guest_page_tables");
  const groups = groupedBy(rows, ["workload", "condition", "arm"]);
  return {
    id: "census",
    heading: "Sharing, told apart",
    sentences: [
      ...groups.map(inWords),
      ...groupedBy(tables, ["workload", "condition"]).map(tablesInWords),
    ],
    summary: groupedBy(tables, ["workload", "condition"]).map(tablesInWords),
    tables: groupsTable("Pages saved, % of all that the guests hold", groups, ["arm"], [
      { heading: "could be saved", of: (group) => percent(sharesOf(group).could) },
      { heading: "were saved", of: (group) => percent(sharesOf(group).found) },
      { heading: "empty pages", of: (group) => percent(sharesOf(group).zero) },
      { heading: "within a guest", of: (group) => percent(sharesOf(group).within) },
      { heading: "between guests", of: (group) => percent(sharesOf(group).between) },
      { heading: "all pages", of: (group) => whole(sharesOf(group).all) },
    ]),
    caveats: [
      "Shares are of all pages that the guests hold and KSM may merge; pages that a guest never used are none. " +
      "Saved within a guest are the copies beyond its first, between guests the first copies beyond one. A " +
      "content that more than max_page_sharing pages have is kept several times.",
      "The census is taken at the end of merging, in a phase of its own. Pages that the guests changed while KSM " +
      "came by last, such as their page tables, could be shared by content and are not.",
    ],
    chart: "census",
  };
}

/** Shares of all pages: that could be saved, that were, and these by kind. */
function sharesOf(rows: readonly Answer[]) {
  const all = meanOf(rows, "all_pages") ?? 0;
  const share = (column: string, kind?: string) => {
    const found = rows.filter((row) => kind === undefined || row.class === kind);
    return groupedBy(found, ["class"]).reduce((sum, one) => sum + (meanOf(one, column) ?? 0), 0) /
      (all || 1);
  };
  const could = ["could_between", "could_within"].reduce((sum, name) => sum + share(name), 0);
  const found = ["found_between", "found_within"].reduce((sum, name) => sum + share(name), 0);
  const zero = share("found_between", "zero") + share("found_within", "zero");
  const [within, between] = [share("found_within", "data"), share("found_between", "data")];
  return { all, could, found, zero, within, between };
}

function inWords(rows: readonly Answer[]): string {
  const { arm } = rows[0]!;
  const { all, could, found, zero, within, between } = sharesOf(rows);
  const part = found === 0 ? "" : ` (${percent(found / could)} of what could be)`;
  return `In ${placeOf(rows[0]!)}, ${arm}: of ${whole(all)} pages ${
    percent(could)
  } could have been saved and ${percent(found)} were${part}: ${
    listed([
      `${percent(zero)} empty pages`,
      `${percent(within)} others within one guest`,
      `${percent(between)} between guests`,
    ])
  }.`;
}

function tablesInWords(rows: readonly Answer[]): string {
  const [tables, memory] = [meanOf(rows, "page_tables_mib"), meanOf(rows, "memory_mib")];
  return `A guest of ${placeOf(rows[0]!)} says that page tables of its processes take ${
    withUnit(tables ?? 0, "MiB")
  } of its ${withUnit(memory ?? 0, "MiB")}.`;
}
