// SPDX-License-Identifier: Apache-2.0
import { compareTreatment, type Comparison } from "../statistics/paired.ts";
import type { Answer } from "../engine/result.ts";
import { significant } from "./numbers.ts";
import { compareInWords, type Evidence, type Finding, noComparison, rowsOf } from "./finding.ts";
import { comparisonTable, rangeInWords } from "./tables.ts";

const QUESTION = "exits_by_reason_and_phase";

/** Vmexits of the phase after merging: all of them, and those for second-level faults. */
export function exitsFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, QUESTION);
  const after = rows.filter(({ phase }) => phase === "touch");
  const faults = after.filter((row) => row.class === "fault");
  const nested = compareTreatment(perTrial(faults), "exits");
  const all = compareTreatment(perTrial(after), "exits");
  return {
    id: "exits",
    heading: "Vmexits by reason and phase",
    sentences: all.length === 0 ? [noComparison("vmexits"), ...totals(after)] : [
      ...all.map((comparison) =>
        compareInWords(comparison, { measure: "vmexits of any reason in the phase after merging" })
      ),
      ...nested.map((comparison) =>
        compareInWords(comparison, { measure: "vmexits for nested page faults in that phase" })
      ),
    ],
    ...(all.length > 0
      ? {
        summary: inShort(all, nested),
        tables: [
          ...comparisonTable("Vmexits of any reason after merging", all),
          ...comparisonTable("Vmexits for nested page faults after merging", nested),
        ],
      }
      : {}),
    caveats: [
      "Nested page faults are more than refaults: writes, walks of the guests' page tables, first accesses and " +
      "accesses to devices are among them.",
      "The share that is spared depends on what else makes the guests leave: timer interrupts, halts and " +
      "port I/O come with the time a phase takes and with how guests are driven, not with KSM.",
    ],
    ...(rows.length > 0 ? { chart: "exits" } : {}),
  };
}

/** "Of all vmexits after merging: 8.0 % to 53.1 % fewer; of those for nested page faults: ..." */
function inShort(all: readonly Comparison[], nested: readonly Comparison[]): string[] {
  const parts = [["all vmexits after merging", all], [
    "those for nested page faults",
    nested,
  ]] as const;
  const said = parts.flatMap(([what, comparisons]) => {
    const range = rangeInWords(comparisons);
    return range === null ? [] : [`of ${what}, ${range}`];
  });
  return said.length === 0 ? [] : [`With mappings updated in place: ${said.join("; ")}.`];
}

/** One row a trial, with the exits of all its rows. */
function perTrial(rows: readonly Answer[]): Answer[] {
  const trials = new Map<string, Answer & { exits: number }>();
  for (const row of rows) {
    const trial = trials.get(String(row.trial)) ?? { ...row, exits: 0 };
    trial.exits += Number(row.count);
    trials.set(String(row.trial), trial);
  }
  return [...trials.values()];
}

function totals(rows: readonly Answer[]): string[] {
  return perTrial(rows).map(({ workload, arm, seed, exits }) =>
    `In ${workload}, ${arm} took ${
      significant(Number(exits))
    } vmexits in the phase after merging (seed ${seed}).`
  );
}
