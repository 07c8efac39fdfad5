// SPDX-License-Identifier: Apache-2.0
import { compare, type Comparison, groupsOf } from "../statistics/paired.ts";
import { workUnit } from "./clock.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";
import { counted, listed, signedPercent, significant, whole } from "./numbers.ts";
import { armsTable } from "./tables.ts";

const QUESTION = "while_merging";

/** What is said of an arm in words: the net effect, and what it is made of. */
const told = [
  ["vmexits", "exits"],
  ["for an interrupt", "interrupt_exits"],
  ["for a second-level fault", "faults"],
  ["flushes with an interrupt", "flushes"],
  ["time of ksmd", "ksmd_ns"],
  ["time of a touch", "ticks_per_touch"],
] as const;

/** What KSM costs guests that run meanwhile. Null unless it went on scanning (live=on). */
export function whileMergingFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, QUESTION);
  if (rows.length === 0) return null;
  const { unit, scale } = workUnit(evidence);
  const groups = (column: string) => groupsOf(rows, column);
  const sentences = groups("exits").flatMap((group) =>
    ["on", "map"].flatMap((arm) => {
      const exits = compare(group, "off", arm);
      return exits === null ? [] : [inWords(exits, (column) => {
        const same = groups(column).find((other) => placeOf(other) === placeOf(group));
        return same === undefined ? null : compare(same, "off", arm);
      })];
    })
  );
  const ofKsmd = (value: number) => significant(value * scale);
  return {
    id: "while-merging",
    heading: "Guests that run while KSM merges",
    sentences: sentences.length === 0
      ? ["No finished trials of off and another arm share a workload and a seed."]
      : sentences,
    tables: [
      ...armsTable("vmexits while KSM merges", groups("exits"), whole),
      ...armsTable("of these, for an interrupt of the host", groups("interrupt_exits"), whole),
      ...armsTable("second-level page faults", groups("faults"), whole),
      ...armsTable("flushes of guests' TLBs asked for", groups("flush_requests"), whole),
      ...armsTable("of these, with an interrupt", groups("flushes"), whole),
      ...armsTable(`${unit} of ksmd`, groups("ksmd_ns"), ofKsmd),
      ...armsTable("ticks a touch", groups("ticks_per_touch")),
    ],
    caveats: [
      "Counts of the phases touch, rewrite and restore, all guests together. Arms differ in how far ksmd gets while guests run, " +
      "and so in how often pages are merged again.",
    ],
    table: QUESTION,
  };
}

/** "In stress (host_cpus=2), on against off: vmexits −6.2 %, for an interrupt +5.8 %, … (1 seed)." */
function inWords(
  { treatment, seeds, ...place }: Comparison,
  of: (column: string) => Comparison | null,
): string {
  const parts = told.flatMap(([name, column]) => {
    const found = of(column);
    if (found === null) return [];
    const { reduction } = found;
    return [
      `${name} ${reduction === null ? "from nothing" : signedPercent(-reduction || 0)}`,
    ];
  });
  return `In ${placeOf(place)}, ${treatment} against off: ${listed(parts)} ` +
    `(${counted(seeds.length, "seed")}).`;
}
