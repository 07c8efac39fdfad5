// SPDX-License-Identifier: Apache-2.0
/** Why guests left, on a host that was imported or observed. */
import { type Evidence, type Finding, rowsOf } from "../finding.ts";
import { counted, listed, percent, significant, whole } from "../numbers.ts";
import type { Answer } from "../../engine/result.ts";
import { numberOf } from "./words.ts";

/** As many reasons are named in a sentence. */
const MOST_NAMED = 3;

/** Exits by reason; null where none were counted. */
export function outsideExitsFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "outside_exits");
  if (rows.length === 0) return null;
  const all = sum(rows, "count");
  const rate = sum(rows, "per_s");
  const nameless = rows.filter((row) => row.class === null);
  return {
    id: "exits",
    heading: "Vmexits by reason",
    sentences: [
      `${counted(all ?? 0, "vmexit")}${
        rate === undefined ? "" : `, ${significant(rate)} a second`
      }; most often ${
        listed(
          rows.slice(0, MOST_NAMED).map((row) => `${row.label} (${percent(Number(row.share))})`),
        )
      }.`,
      ...faults(rows),
      ...times(rows),
      ...(nameless.length === 0 ? [] : [
        `${
          counted(sum(nameless, "count") ?? 0, "vmexit")
        } of reasons that the lab has no class for: ${
          listed(nameless.map(({ label }) => String(label)))
        }.`,
      ]),
    ],
    caveats: [
      "Second-level faults have many causes: first accesses, writes to merged pages, devices. How many merging causes is " +
      "not in these counts.",
    ],
    table: "outside_exits",
  };
}

function sum(rows: readonly Answer[], column: string): number | undefined {
  const values = rows.flatMap((row) => numberOf(row[column]) ?? []);
  return values.length === 0 ? undefined : values.reduce((all, one) => all + one, 0);
}

function faults(rows: readonly Answer[]): string[] {
  const of = rows.filter(({ is_fault }) => is_fault === true);
  if (of.length === 0) return ["Second-level faults are not among them."];
  const rate = sum(of, "per_s");
  return [
    `${whole(sum(of, "count") ?? 0)} of them were for second-level faults (${
      listed(of.map(({ label }) => String(label)))
    }), ${percent(of.reduce((all, { share }) => all + Number(share), 0))}${
      rate === undefined ? "" : `, ${significant(rate)} a second`
    }.`,
  ];
}

function times(rows: readonly Answer[]): string[] {
  const timed = rows.filter(({ spent_ns }) => numberOf(spent_ns) !== undefined);
  const faulting = timed.find(({ is_fault, label }) =>
    is_fault === true && label !== "EPT_MISCONFIG"
  );
  if (faulting === undefined) return [];
  return [
    `A ${faulting.label} takes ${
      significant(Number(faulting.mean_ns) / 1000)
    }\u00a0µs on average from the exit to the next ` +
    `entry, ${significant(Number(faulting.spent_ns) / 1e6)}\u00a0ms in all.`,
  ];
}
