import { percent, significant, whole } from "../numbers.ts";
import type { Answer } from "../result.ts";
import { costUnit, type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";

interface Pair {
  least: Answer;
  counters: Answer;
}

/** What the lab's own counting adds. Null where a run does not vary it. */
export function observerFinding(evidence: Evidence): Finding | null {
  const pairs = pairsOf(rowsOf(evidence, "observer"));
  if (pairs.length === 0) return null;
  const unit = costUnit(evidence.run);
  return {
    id: "observer",
    heading: "What does the measuring itself cost?",
    sentences: pairs.map((pair) => `${addedInWords(pair, unit)} ${countsInWords(pair)}`),
    caveats: [
      "Nothing of the counting runs in the guests: the host's kernel counts, on the way of each vmexit. But a " +
      "guest's clock goes on while the host runs, so its touches seem longer by as much, and some more timer " +
      "interrupts fall into them. The cost is one of each vmexit: the arm with more of them pays more.",
    ],
    table: "observer",
  };
}

function pairsOf(rows: readonly Answer[]): Pair[] {
  const key = ({ workload, condition, arm, seed }: Answer) =>
    JSON.stringify([workload, condition, arm, seed]);
  return rows.filter(({ observe }) => observe === "least").flatMap((least) => {
    const counters = rows.find((row) => row.observe === "counters" && key(row) === key(least));
    return counters === undefined ? [] : [{ least, counters }];
  });
}

function addedInWords(
  { least, counters }: Pair,
  { unit, scale }: { unit: string; scale: number },
): string {
  const { workload, condition, arm, seed } = least;
  const place = placeOf({ workload: String(workload), condition: String(condition) });
  const added = Number(counters.ticks) - Number(least.ticks);
  const perExit = Number(counters.kvm_exits) > 0 ? added / Number(counters.kvm_exits) : 0;
  const value = (row: Answer) => significant(Number(row.ticks_per_touch) * scale);
  return `In ${place}, ${arm}, seed ${seed}, a touch took ${
    value(counters)
  }\u00a0${unit} with all counters ` +
    `and ${value(least)} with the least: ${percent(added / Number(least.ticks))} more, or ` +
    `${significant(perExit * scale)}\u00a0${unit} a vmexit.`;
}

function countsInWords({ least, counters }: Pair): string {
  const exits = difference(counters, least, "kvm_exits");
  const pages = difference(counters, least, "merged_pages");
  const all = Number(counters.instructions) - Number(least.instructions);
  const host = `The whole host executed ${percent(Math.abs(all) / Number(least.instructions))} ` +
    `${all < 0 ? "fewer" : "more"} instructions.`;
  return `The guests left ${
    whole(Number(least.kvm_exits))
  } times in \u201ctouch\u201d (${exits} with all ` +
    `counters), and ${whole(Number(least.merged_pages))} pages were merged (${pages}). ${host}`;
}

function difference(now: Answer, before: Answer, column: string): string {
  const by = Number(now[column]) - Number(before[column]);
  if (by === 0) return "just as many";
  return `${whole(Math.abs(by))} ${by > 0 ? "more" : "fewer"}`;
}
