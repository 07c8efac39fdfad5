// SPDX-License-Identifier: Apache-2.0
import type { Answer } from "../engine/result.ts";
import { clockCaveat, costUnit, workUnit } from "./clock.ts";
import {
  type Evidence,
  type Finding,
  groupedBy,
  meanOf,
  meanShown,
  placeOf,
  rowsOf,
} from "./finding.ts";
import { listed, significant } from "./numbers.ts";
import { groupsTable } from "./tables.ts";

/** A machine on one page, for whoever compares machines. Null unless costs were looked at (observe=costs). */
export function machineFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "machine_costs");
  if (rows.length === 0) return null;
  const work = workUnit(evidence);
  const cost = costUnit(evidence);
  /* Pages a second, or for a million instructions. */
  const merging = work.unit === "instructions"
    ? { heading: "pages merged per million instructions of ksmd", factor: 1e-3 / work.scale }
    : { heading: "pages merged per second of ksmd", factor: 1 };
  const groups = groupedBy(rows, ["workload", "condition", "arm"]);
  return {
    id: "machine",
    heading: "This machine on one page",
    sentences: groupedBy(rows, ["workload", "condition"]).map((group) =>
      inWords(group, merging, work)
    ),
    summary: [],
    tables: groupsTable("What it takes on this machine", groups, ["arm"], [
      { heading: `${work.unit} for a vmexit`, of: meanShown("exit_ns", work.scale) },
      { heading: "for a second-level fault", of: meanShown("fault_ns", work.scale) },
      { heading: `${cost.unit} for a touch`, of: meanShown("touch_ticks", cost.scale) },
      { heading: merging.heading, of: meanShown("merged_per_s", merging.factor) },
      { heading: "flushes asked for per merged page", of: meanShown("flush_requests_per_page") },
      { heading: "with an interrupt", of: meanShown("flush_interrupts_per_page") },
      { heading: "refaults per 100 merged pages", of: meanShown("refaults_per_100") },
      { heading: "MiB saved per guest", of: meanShown("saved_mib_per_guest") },
    ]),
    caveats: [
      "A vmexit is from the exit to the next entry of the same virtual CPU, with the probe that sees it. " +
      "A machine is held against another by `lab compare`, or beside the counts of the emulated host.",
      ...clockCaveat(evidence),
    ],
  };
}

function inWords(
  rows: readonly Answer[],
  { heading, factor }: { heading: string; factor: number },
  { unit, scale }: { unit: string; scale: number },
): string {
  const each = (column: string, by: number) =>
    listed(
      groupedBy(rows, ["arm"]).map((found) => {
        const value = meanOf(found, column);
        return `${value === null ? "none" : significant(value * by)} in ${found[0]!.arm}`;
      }),
    );
  return `In ${placeOf(rows[0]!)}: ${unit} for a vmexit while touching: ${
    each("exit_ns", scale)
  }; for a second-level fault: ${each("fault_ns", scale)}; ${heading}: ${
    each("merged_per_s", factor)
  }.`;
}
