// SPDX-License-Identifier: Apache-2.0
import { inWords, remedy } from "../../contract/disturbances.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, rowsOf } from "./finding.ts";
import { counted } from "./numbers.ts";

/** What disturbed trials that were measured in time; null of a run that is exact, which nothing disturbs. */
export function disturbancesFinding(evidence: Evidence): Finding | null {
  const { mode, trials } = evidence.run;
  if (mode !== "hardware") return null;
  const rows = rowsOf(evidence, "disturbances");
  const disturbed = rows.map((row) => ({ row, words: inWords(surroundingsOf(row)) }))
    .filter(({ words }) => words.length > 0);
  const done = trials.filter(({ status }) => status === "done").length;
  const unknown = done - rows.length;
  const uncounted = rows.filter(({ throttled }) => throttled === null).length;
  return {
    id: "disturbances",
    heading: "What disturbed the trials?",
    sentences: [
      disturbed.length === 0
        ? `Nothing that the host counts: ${
          counted(rows.length, "trial")
        } looked at before and behind.`
        : `${
          counted(disturbed.length, "trial")
        } of ${rows.length} were disturbed, and are part of all numbers ` +
          `here. ${remedy}.`,
      ...disturbed.map(({ row, words }) => `${row.trial}: ${words.join("; ")}.`),
      ...(unknown > 0 ? [`Of ${counted(unknown, "trial")} it is not known.`] : []),
    ],
    caveats: [
      "Heat and stolen time are those of the trial's own CPUs, from the first phase to the last.",
      ...(uncounted > 0
        ? [
          `The processor does not count how often it is slowed down for its heat (${
            counted(uncounted, "trial")
          }): of that nothing is known.`,
        ]
        : []),
    ],
    table: "disturbances",
  };
}

function surroundingsOf({ throttled, stolen_ms, merged_elsewhere }: Answer) {
  const number = (value: unknown) => typeof value === "number" ? value : null;
  const stolen = number(stolen_ms);
  return {
    throttled: number(throttled),
    stolen_ns: stolen === null ? null : Math.round(stolen * 1e6),
    merged_elsewhere: number(merged_elsewhere),
  };
}
