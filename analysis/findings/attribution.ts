// SPDX-License-Identifier: Apache-2.0
import { isShadowPaging } from "../../machines/paging.ts";
import { counted, listed, percent, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, groupedBy, placeOf, rowsOf } from "./finding.ts";
import { type FindingTable, groupsTable } from "./tables.ts";

/** How causes read in a sentence; one that is not here stands as it is. */
const IN_WORDS: Readonly<Record<string, string>> = {
  "merged": "merging had dropped the mapping",
  "never mapped": "the guest had not used the page before",
  "copied: the guest wrote": "the guest\u2019s own write had broken a merged page",
  "copied: the VMM wrote": "the VMM had written for a device and so broken a merged page",
  "the guest's own fault": "the guest\u2019s own page table had no mapping",
  "shadow table linked": "KVM had no shadow of the guest\u2019s page table there",
  "guest page table changed": "the guest had changed its own page table",
};

/** Why guests still refault after merging, from the raw trace. Null if no trial was traced. */
export function attributionFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "faults_by_cause").filter(({ phase }) => phase === "touch");
  if (rows.length === 0) return null;
  const groups = Map.groupBy(rows, (row) => `In ${placeOf(row)}, ${row.arm}`);
  return {
    id: "attribution",
    heading: "Why did the guests still fault?",
    sentences: [
      ...unexplained(rowsOf(evidence, "unexplained_faults")),
      ...[...groups].map(([where, group]) => refaultsInWords(where, group)),
    ],
    summary: unexplained(rowsOf(evidence, "unexplained_faults")),
    tables: causesTable(rows),
    caveats: [
      "A write to a merged page mostly takes two faults: one finds it read-only, and the second, after the " +
      "copy, finds no mapping. If the instruction reads before it writes, the second counts as a refault.",
      "A traced trial is not the trial that it would be without: each event costs instructions, so interrupts " +
      "come elsewhere. Its causes hold, its counts are those of another trial.",
      ...(rowsOf(evidence, "unexplained_faults").some(({ mmu }) => isShadowPaging(mmu))
        ? [
          "With shadow paging KVM does not say when it drops a single entry: that follows from the notifications " +
          "and from what the walk of the guest\u2019s own page table shows at the next fault.",
        ]
        : []),
    ],
    chart: "attribution",
  };
}

/** "With nested paging none of the 9,161 second-level faults after merging is left unexplained (2 trials)." */
function unexplained(rows: readonly Answer[]): string[] {
  const groups = Map.groupBy(rows, ({ mmu }) => isShadowPaging(mmu) ? "shadow" : "nested");
  return [...groups].map(([paging, group]) => {
    const sum = (column: string) => group.reduce((all, row) => all + Number(row[column]), 0);
    const [faults, left] = [sum("after_merge"), sum("after_merge_unexplained")];
    const what = `of the ${whole(faults)} second-level faults after merging`;
    const trials = counted(group.length, "traced trial");
    const says = left === 0
      ? `none ${what} is left unexplained`
      : `${whole(left)} ${what} ${left === 1 ? "is" : "are"} left unexplained: ${
        percent(left / faults)
      }`;
    return `With ${paging} paging ${says} (${trials}).`;
  });
}

/** A row for each cause of each place, its refaults and all its faults summed over trials. */
function causesTable(rows: readonly Answer[]): FindingTable[] {
  const sum = (column: string) => (group: readonly Answer[]) =>
    whole(group.reduce((all, row) => all + Number(row[column]), 0));
  return groupsTable(
    "Second-level faults after merging by their cause, all traced trials together",
    groupedBy(rows, ["workload", "condition", "arm", "cause"]),
    ["arm", "cause"],
    [
      {
        heading: "that is",
        of: ([row]) => IN_WORDS[String(row!.cause)] ?? String(row!.cause),
        text: true,
      },
      { heading: "refaults", of: sum("refaults") },
      { heading: "all faults", of: sum("faults") },
    ],
  );
}

function refaultsInWords(where: string, rows: readonly Answer[]): string {
  const causes = new Map<string, number>();
  for (const { cause, refaults } of rows) {
    causes.set(String(cause), (causes.get(String(cause)) ?? 0) + Number(refaults));
  }
  const found = [...causes].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  const total = found.reduce((all, [, count]) => all + count, 0);
  const merged = causes.get("merged") ?? 0;
  const parts = found.map(([cause, count]) => {
    const words = IN_WORDS[cause];
    return words === undefined ? `${whole(count)} (${cause})` : `${whole(count)} because ${words}`;
  });
  const none = merged === 0 ? "; none because merging had dropped a mapping" : "";
  if (total === 0) return `${where}, no guest refaulted after merging.`;
  return `${where}, the guests took ${counted(total, "refault")} after merging: ${
    listed(parts)
  }${none}.`;
}
