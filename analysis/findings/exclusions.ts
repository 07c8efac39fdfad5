// SPDX-License-Identifier: Apache-2.0
import { counted } from "./numbers.ts";
import { type Evidence, type Finding, rowsOf } from "./finding.ts";

/** Every trial that no comparison uses, and why: nothing is left out in silence. */
export function exclusionsFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "exclusions");
  const total = evidence.run.trials.length;
  const left = rows.map(({ trial, why }) => `${trial}: ${firstLine(String(why))}.`);
  return {
    id: "exclusions",
    heading: "What is left out of the comparisons?",
    sentences: rows.length === 0
      ? [`Nothing: the comparisons between arms use all of ${counted(total, "trial")}.`]
      : [`${counted(rows.length, "trial")} of ${total}.`, ...left],
    caveats: [
      "How many trials there are was fixed by the experiment before the first of them ran.",
    ],
    ...(rows.length > 0 ? { table: "exclusions" } : {}),
  };
}

function firstLine(text: string): string {
  return text.split("\n")[0]!.replace(/\.$/, "");
}
