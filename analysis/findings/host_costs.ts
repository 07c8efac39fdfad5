// SPDX-License-Identifier: Apache-2.0
import { listed, significant, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { sharedClockCaveat, workUnit } from "./clock.ts";
import {
  type Evidence,
  type Finding,
  groupedBy,
  meanOf,
  meanShown,
  placeOf,
  rowsOf,
} from "./finding.ts";
import { type FindingTable, groupsTable } from "./tables.ts";

/** What the host pays. Null unless its costs were looked at (observe=costs). */
export function hostCostsFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "host_costs");
  if (rows.length === 0) return null;
  const phases = ["merge", "touch"].map((phase) => rows.filter((row) => row.phase === phase));
  return {
    id: "host-costs",
    heading: "What the host pays",
    sentences: phases.flatMap((found) =>
      groupedBy(found, ["workload", "condition"]).map((group) => inWords(group, evidence))
    ),
    summary: [],
    tables: phases.flatMap((found) => tablesOf(found, evidence)),
    caveats: [
      "A vmexit is from the exit to the next entry of the same virtual CPU, halts and interrupts left out; what the VMM does for it " +
      "and what else ran meanwhile count, and so do the probes themselves, each a breakpoint in the host\u2019s kernel. " +
      "Compare arms, not trials that were observed in another way.",
      "Where refaults are spared, the vmexits that remain are the dearer ones, such as those in which a page is " +
      "copied: their mean rises while their sum falls.",
      ...sharedClockCaveat(evidence),
    ],
    chart: "host_costs",
  };
}

function tablesOf(rows: readonly Answer[], evidence: Evidence): FindingTable[] {
  const { unit, scale } = workUnit(evidence);
  const groups = groupedBy(rows, ["workload", "condition", "arm"]);
  return groupsTable(`What the host pays in the phase ${rows[0]?.phase}`, groups, ["arm"], [
    { heading: "mmu_lock for writing", of: meanShown("mmu_writes") },
    { heading: "for reading", of: meanShown("mmu_reads") },
    { heading: "TLB flushes", of: meanShown("tlb_flushes") },
    { heading: "asked of guests", of: meanShown("flush_requests") },
    { heading: "by interrupt", of: meanShown("flush_interrupts") },
    { heading: "of virtual CPUs", of: meanShown("guest_tlb_flushes") },
    { heading: `${unit} of ksmd`, of: meanShown("ksmd_ns", scale) },
    { heading: "vmexits", of: meanShown("exits") },
    { heading: `${unit} each`, of: meanShown("exit_ns", scale) },
    { heading: "for a fault", of: meanShown("npf_ns", scale) },
  ]);
}

function inWords(rows: readonly Answer[], evidence: Evidence): string {
  const { phase } = rows[0]!;
  const { unit, scale } = workUnit(evidence);
  const arms = groupedBy(rows, ["arm"]);
  const each = (column: string, factor = 1) =>
    listed(arms.map((found) => {
      const value = meanOf(found, column);
      const shown = value === null
        ? "none"
        : factor === 1
        ? whole(value)
        : significant(value * factor);
      return `${shown} in ${found[0]!.arm}`;
    }));
  return `In ${placeOf(rows[0]!)}, phase ${phase}: mmu_lock taken for writing: ${
    each("mmu_writes")
  }; for reading: ${each("mmu_reads")}; TLB flushes of the host: ${
    each("tlb_flushes")
  }; asked of guests: ${each("flush_requests")}; with an interrupt: ${
    each("flush_interrupts")
  }; carried out by virtual CPUs: ${each("guest_tlb_flushes")}; ${unit} of ksmd: ${
    each("ksmd_ns", scale)
  }; vmexits: ${each("exits")}; ${unit} each: ${
    each("exit_ns", scale)
  }, one of a second-level fault: ${each("npf_ns", scale)}.`;
}
