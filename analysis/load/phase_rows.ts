// SPDX-License-Identifier: Apache-2.0
import type { Row } from "../engine/arrow.ts";
import { damaged, type LineOf } from "../../contract/records.ts";
import type { TrialFacts } from "./facts.ts";

/**
 * The phases of a trial in the order they happened, as rows of `phases`.
 *
 * @throws {LabError} If a phase ends that has not begun, begins twice, or never ends.
 */
export function phaseRows(marks: LineOf<"phases">[], facts: TrialFacts): Row[] {
  const begun = new Map<string, { ordinal: number; begin_ns: number; line: number }>();
  const rows: Row[] = [];
  for (const { phase, event, t_ns, line } of marks) {
    if (event === "begin") {
      if (begun.has(phase)) throw damaged(facts.file, line, `phase "${phase}" begins twice`);
      begun.set(phase, { ordinal: begun.size, begin_ns: t_ns, line });
      continue;
    }
    const begin = begun.get(phase);
    if (begin === undefined) {
      throw damaged(facts.file, line, `phase "${phase}" ends but has not begun`);
    }
    rows.push({
      trial: facts.trial,
      phase,
      ordinal: begin.ordinal,
      begin_ns: begin.begin_ns,
      end_ns: t_ns,
      duration_ns: t_ns - begin.begin_ns,
      wall_s: facts.phaseWall_s[phase] ?? null,
    });
  }
  for (const [phase, { line }] of begun) {
    if (!rows.some((row) => row.phase === phase)) {
      throw damaged(facts.file, line, `phase "${phase}" never ends`);
    }
  }
  return rows.sort((a, b) => Number(a.ordinal) - Number(b.ordinal));
}
