// SPDX-License-Identifier: Apache-2.0
import { listed, whole } from "./numbers.ts";
import { type Evidence, type Finding, rowsOf } from "./finding.ts";

/** Guests must not notice. Null if a run has no trials without KSM beside those with it. */
export function transparencyFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "transparency");
  if (rows.length === 0) return null;
  const total = (column: string, found = rows) =>
    found.reduce((sum, row) => sum + Number(row[column]), 0);
  const workloads = [...new Set(rows.map(({ workload }) => String(workload)))];
  const different = rows.filter((row) => Number(row.different) > 0);
  const verdict = different.length === 0
    ? `Yes: in ${listed(workloads)}, the guests read the same with KSM and without, in all arms: ` +
      `${whole(total("checksums"))} checksums, ${whole(total("compared"))} contents, no difference.`
    : `No: ${whole(total("different"))} of ${
      whole(total("compared"))
    } contents differ between trials ` +
      `with KSM and without, in ${
        listed([...new Set(different.map(({ workload, phase }) => `${workload} ${phase}`))])
      }.`;
  return {
    id: "transparency",
    heading: "Is merging transparent to the guests?",
    sentences: [verdict],
    caveats: [
      "A checksum is over everything that a guest read in one round. Content that holds random addresses differs " +
      "for that reason, so such runs set aslr=off. Time is not transparent: see what touches cost.",
    ],
    table: "transparency",
  };
}
