// SPDX-License-Identifier: Apache-2.0
import { percent, signedPercent, significant, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { costUnit } from "./clock.ts";
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";
import type { FindingTable } from "./tables.ts";

/** Two trials that differ only in what the lab looked at. */
interface Pair {
  least: Answer;
  more: Answer;
}

const levels = ["counters", "costs", "trace"] as const;

/** What the lab's own looking adds. Null where a run does not vary it. */
export function observerFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "observer");
  const pairs = levels.flatMap((level) => pairsOf(rows, level));
  if (pairs.length === 0) return null;
  const unit = costUnit(evidence);
  return {
    id: "observer",
    heading: "What does the measuring itself cost?",
    sentences: pairs.map((pair) => `${costInWords(pair, unit)} ${countsInWords(pair)}`),
    summary: [],
    tables: [costTable(pairs, unit), countTable(pairs)],
    caveats: [
      "Nothing of the counting runs in the guests: the host's kernel counts, on the way of each vmexit. But a " +
      "guest's clock goes on while the host runs, so its touches seem longer by as much, most in the arm with " +
      "the most vmexits. And all that goes by the clock, KSM's scanning and timer interrupts, falls elsewhere: " +
      "counts of single trials differ for that reason too, as they do between seeds.",
    ],
    table: "observer",
  };
}

function pairsOf(rows: readonly Answer[], level: string): Pair[] {
  const key = ({ workload, condition, arm, seed }: Answer) =>
    JSON.stringify([workload, condition, arm, seed]);
  const plain = new Map(
    rows.filter(({ observe }) => observe === "least").map((row) => [key(row), row]),
  );
  return rows.filter(({ observe }) => observe === level).flatMap((more) => {
    const least = plain.get(key(more));
    return least === undefined ? [] : [{ least, more }];
  });
}

/** Pairs of all seeds in one place, arm and way of observing. */
function placesOf(pairs: readonly Pair[]): Pair[][] {
  return [...Map.groupBy(pairs, ({ more }) => placeCells(more).join("\n")).values()];
}

const PLACE = ["workload", "condition", "arm", "observed"].map((heading) => ({ heading }));

function placeCells({ workload, condition, arm, observe }: Answer): string[] {
  return [workload, condition, arm, observe].map(String);
}

function mean(pairs: readonly Pair[], of: (pair: Pair) => number): number {
  return pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
}

/** A row for each of these, with cells that say what its pairs have in common. */
function placesTable(
  title: string,
  pairs: readonly Pair[],
  measured: Readonly<Record<string, (pairs: readonly Pair[]) => string>>,
): FindingTable {
  return {
    title,
    columns: [...PLACE, ...Object.keys(measured).map((heading) => ({ heading, number: true }))],
    rows: placesOf(pairs).map((found) => ({
      workload: String(found[0]!.more.workload),
      cells: [
        ...placeCells(found[0]!.more),
        ...Object.values(measured).map((say) => say(found)),
      ],
    })),
  };
}

function costTable(
  pairs: readonly Pair[],
  { unit, scale }: { unit: string; scale: number },
): FindingTable {
  const added = ({ least, more }: Pair) => Number(more.ticks) - Number(least.ticks);
  return placesTable(`A touch, ${unit}, means over seeds`, pairs, {
    "observed least": (found) =>
      significant(mean(found, (p) => Number(p.least.ticks_per_touch) * scale)),
    "as said": (found) => significant(mean(found, (p) => Number(p.more.ticks_per_touch) * scale)),
    "more": (found) =>
      signedPercent(mean(found, added) / mean(found, ({ least }) => Number(least.ticks))),
    [`${unit} a vmexit`]: (found) => {
      const exits = mean(found, ({ more }) => Number(more.kvm_exits));
      return exits === 0 ? "\u2013" : significant(mean(found, added) / exits * scale);
    },
  });
}

function countTable(pairs: readonly Pair[]): FindingTable {
  const both = (column: string) => (found: readonly Pair[]) =>
    `${whole(mean(found, ({ least }) => Number(least[column])))} \u2192 ${
      whole(mean(found, ({ more }) => Number(more[column])))
    }`;
  return placesTable("Counts, observed least and as said, means over seeds", pairs, {
    "vmexits in touch": both("kvm_exits"),
    "merged pages": both("merged_pages"),
    "instructions of the host": both("instructions"),
  });
}

function costInWords({ least, more }: Pair, { unit, scale }: { unit: string; scale: number }) {
  const { arm, seed, observe } = more;
  const place = placeOf(more);
  const added = Number(more.ticks) - Number(least.ticks);
  const exits = Number(more.kvm_exits);
  const perExit = exits === 0
    ? ""
    : `, ${significant(added / exits * scale)}\u00a0${unit} a vmexit`;
  const cost = (row: Answer) => significant(Number(row.ticks_per_touch) * scale);
  return `In ${place}, ${arm}, seed ${seed}, a touch took ${
    cost(more)
  }\u00a0${unit} with observe=${observe} ` +
    `and ${cost(least)} with observe=least: ${
      percent(added / Number(least.ticks))
    } more${perExit}.`;
}

function countsInWords({ least, more }: Pair): string {
  const [before, now] = [Number(least.instructions), Number(more.instructions)];
  const host = before === 0
    ? ""
    : ` The whole host executed ${percent(Math.abs(now - before) / before)} ` +
      `${now < before ? "fewer" : "more"} instructions.`;
  return `Vmexits in \u201ctouch\u201d: ${against(more, least, "kvm_exits")}; ` +
    `merged pages: ${against(more, least, "merged_pages")}.${host}`;
}

function against(now: Answer, before: Answer, column: string): string {
  return `${whole(Number(now[column]))} against ${whole(Number(before[column]))}`;
}
