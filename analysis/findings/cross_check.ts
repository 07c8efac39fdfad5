// SPDX-License-Identifier: Apache-2.0
import { counted, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, rowsOf } from "./finding.ts";

/** Whether two ways of counting agree. */
export function crossCheckFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "cross_check");
  return {
    id: "cross-check",
    heading: "Do the counts agree with KVM\u2019s own?",
    sentences: [
      agreement(rows, "exits", "vmexits", "exits"),
      agreement(rows, "faults", "second-level faults, accesses to devices apart,", "pf_taken"),
      ...traced(rowsOf(evidence, "trace_cross_check")),
    ],
    caveats: [
      "Whole trials, all guests together. KVM counts some exits that it handles on its fast path apart.",
    ],
    ...(rows.length > 0 ? { table: "cross_check" } : {}),
  };
}

function agreement(
  rows: Evidence["answers"][string],
  name: string,
  what: string,
  stat: string,
): string {
  const known = rows.filter((row) => typeof row[`${name}_difference`] === "number");
  if (known.length === 0) {
    return `KVM offered no statistic \u201c${stat}\u201d to check ${what} against.`;
  }
  const apart = known.filter((row) => row[`${name}_difference`] !== 0);
  if (apart.length === 0) {
    return `The ${what} equal KVM\u2019s ${stat} exactly in ${counted(known.length, "trial")}.`;
  }
  const largest = Math.max(...apart.map((row) => Math.abs(Number(row[`${name}_difference`]))));
  return `The ${what} differ from KVM\u2019s ${stat} in ${whole(apart.length)} of ` +
    `${counted(known.length, "trial")}, by ${whole(largest)} at most.`;
}

/** The raw trace against the histograms, which together with KVM's statistics are three counters. */
function traced(rows: readonly Answer[]): string[] {
  if (rows.length === 0) return [];
  const sum = (column: string) => rows.reduce((all, row) => all + Number(row[column]), 0);
  const [compared, different] = [sum("compared"), sum("different")];
  const what = `${whole(compared)} counts by phase, guest and code`;
  if (different > 0) {
    const apart = Math.abs(sum("events") - sum("counted"));
    return [
      `The raw trace differs from the histograms in ${whole(different)} of ${what}, by ${
        counted(apart, "event")
      } in all.`,
    ];
  }
  return [
    `The raw trace, read event by event, equals the histograms in all of ${what} (${
      counted(sum("events"), "event")
    }).`,
  ];
}
