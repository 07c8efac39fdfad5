// SPDX-License-Identifier: Apache-2.0
import { significant, whole, withUnit } from "./numbers.ts";
import { sharedClockCaveat, workUnit } from "./clock.ts";
import { type Evidence, type Finding, groupedBy, meanOf, placeOf, rowsOf } from "./finding.ts";
import { groupsTable } from "./tables.ts";

const MILLION = 1e6;

/** What a guest's boot takes: the larger part of a trial with many guests. Null without guests. */
export function bootFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "guest_boot");
  if (rows.length === 0) return null;
  const { unit, scale } = workUnit(evidence);
  const groups = groupedBy(rows, ["workload", "condition"]);
  const sentences = groups.map((group) => {
    const wall = meanOf(group, "wall_s");
    const took = wall === null
      ? ""
      : `; all ${whole(meanOf(group, "guests_booted") ?? 0)} were ready after ${
        withUnit(wall, "s")
      } of wall time`;
    return `Booting a guest of ${placeOf(group[0]!)} took ${
      significant((meanOf(group, "boot_ns") ?? 0) * scale / MILLION)
    } million ${unit} and ${whole(meanOf(group, "boot_exits") ?? 0)} vmexits${took}.`;
  });
  return {
    id: "boot",
    heading: "What does it take to boot a guest?",
    sentences,
    summary: [],
    tables: groupsTable("Boot of a guest", groups, [], [
      {
        heading: `million ${unit}`,
        of: (group) => significant((meanOf(group, "boot_ns") ?? 0) * scale / MILLION),
      },
      { heading: "vmexits", of: (group) => whole(meanOf(group, "boot_exits") ?? 0) },
      { heading: "guests", of: (group) => whole(meanOf(group, "guests_booted") ?? 0) },
      {
        heading: "wall time of all, s",
        of: (group) => significant(meanOf(group, "wall_s") ?? 0),
      },
    ]),
    caveats: [
      "This is the CPU time of its virtual CPU\u2019s thread, the hypervisor\u2019s part among it, without what its VMM does " +
      "in other threads. Wall time is that of the machine the trials ran on, side by side with others.",
      ...sharedClockCaveat(evidence),
    ],
    table: "guest_boot",
  };
}
