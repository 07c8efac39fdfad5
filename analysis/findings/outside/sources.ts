// SPDX-License-Identifier: Apache-2.0
/** Where the numbers come from, and what they cannot tell. */
import { type Evidence, type Finding, rowsOf } from "../finding.ts";
import { counted } from "../numbers.ts";

/** What was read, what was said of it, and what it cannot know. */
export function sourcesFinding(evidence: Evidence): Finding {
  const rows = rowsOf(evidence, "outside_sources");
  const imported = evidence.run.mode === "imported";
  return {
    id: "sources",
    heading: "Where these numbers come from",
    sentences: [
      imported
        ? `Imported from ${
          counted(rows.length, "file")
        }: nothing here was measured by the lab, and nothing is exact.`
        : "Observed on a host whose guests others run: nothing here is exact, and nobody knows what the guests did.",
      ...rows.map(({ name, form, readings, ignored }) =>
        `${name} (${form}): ${counted(Number(readings), nounFor(String(form)))}${
          Number(ignored) > 0
            ? `, and ${counted(Number(ignored), "line")} in which the lab knows nothing`
            : ""
        }.`
      ),
      ...rowsOf(evidence, "outside_remarks").map(({ text }) => String(text)),
    ],
    caveats: [...new Set(rows.map(({ cannot_know }) => `Not known from it: ${cannot_know}`))],
    table: "outside_sources",
  };
}

function nounFor(form: string): string {
  if (form.startsWith("ksmtuned")) return "step";
  return form === "ksm" || form === "observed" ? "reading" : "count";
}
