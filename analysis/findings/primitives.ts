// SPDX-License-Identifier: Apache-2.0
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, meanOf, rowsOf } from "./finding.ts";
import { listed, significant } from "./numbers.ts";

/** What single operations take on the machine; null of runs that were not measured in time. */
export function primitivesFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "primitive_costs");
  if (rows.length === 0) return null;
  const find = (operation: string, others: string) =>
    rows.filter((row) => row.operation === operation && row.others === others);
  const took = (what: string, found: readonly Answer[], column = "median") => {
    const [ticks, ns] = ["ticks", "ns"].map((unit) => meanOf(found, `${column}_${unit}`));
    if (ticks == null || ns == null) return [];
    /* Of two medians, on a machine that does other things as well. */
    if (ticks <= 0) return [`${what} nothing that can be seen`];
    return [`${what} ${significant(ns)} ns (${significant(ticks)} ticks)`];
  };
  const alone = [
    ...took("a vmexit and the next entry", find("vmexit", "asleep")),
    ...took("a refault", find("refault", "asleep")),
    ...took("a flush of a guest that does not run", find("guest flush", "asleep")),
  ];
  const between = [
    ...took("an interrupt and its answer", find("interrupt", "running"), "more"),
    ...took("a flush of a process", find("process flush", "running"), "more"),
    ...took("a flush of a guest", find("guest flush", "running"), "more"),
  ];
  return {
    id: "primitives",
    heading: "What single operations take",
    sentences: [
      ...(alone.length === 0 ? [] : [`Measured with nothing traced: ${listed(alone)}.`]),
      ...(between.length === 0
        ? ["Of what it costs between CPUs nothing was measured."]
        : [`More, where another CPU is at work and has to be interrupted: ${listed(between)}.`]),
    ],
    caveats: [
      "Medians of what was measured before each trial, by the time-stamp counter of the trial's first CPU. A " +
      "vmexit is that of CPUID, the cheapest; a refault is a read whose page is in memory.",
    ],
    table: "primitive_costs",
  };
}
