// SPDX-License-Identifier: Apache-2.0
import { compare, type Comparison, groupsOf } from "../statistics/paired.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, type Finding, meanOf, placeOf, rowsOf } from "./finding.ts";
import { counted, listed, percent, significant, whole } from "./numbers.ts";
import { arms } from "../figures/arms.ts";
import { armsTable } from "./tables.ts";

const QUESTION = "flushes_per_merged_page";
const REQUESTS = "flush_requests_per_merged_page";

/** Ways in which a mapping can outlive the merging of its page, in words. */
const ways = [
  ["on", "Updating mappings in place"],
  ["map", "Mapping the merged page anew"],
] as const;

/** What merging costs between CPUs, beside what it spares. Null if KVM counted no flushes. */
export function flushesFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, QUESTION);
  if (rows.length === 0) return null;
  const requests = groupsOf(rows, REQUESTS);
  const verdicts = ways.flatMap(([arm, way]) => {
    const found = requests.flatMap((group) => compare(group, "off", arm) ?? []);
    return found.length === 0 ? [] : [verdict(way, found)];
  });
  const places = Map.groupBy(rows, placeOf);
  const mapsAnew = rows.some(({ mapped, skipped }) => Number(mapped) + Number(skipped) > 0);
  return {
    id: "flushes",
    heading: "Flushes of the guests' TLBs",
    sentences: [...verdicts, ...[...places.values()].map(inWords), ...oneCpu(evidence)],
    summary: [...verdicts, ...oneCpu(evidence)],
    tables: [
      ...armsTable("Flushes asked for per merged page, while merging", requests),
      ...armsTable(
        "Flushes that interrupted a running virtual CPU, per merged page",
        groupsOf(rows, "flushes_per_merged_page"),
      ),
      ...armsTable("Refaults per merged page", groupsOf(rows, "refaults_per_merged_page")),
      ...(mapsAnew
        ? [
          ...armsTable("Merged pages that were mapped anew", groupsOf(rows, "mapped"), whole),
          ...armsTable("Merged pages that could not be", groupsOf(rows, "skipped"), whole),
        ]
        : []),
    ],
    caveats: [
      "Merging a page changes its mapping twice: it is write-protected, and replaced. A mapping that is dropped at the first " +
      "step takes one flush, one that stays for both takes two. Flushes for other reasons, such as pages that guests write, " +
      "count too.",
    ],
    table: QUESTION,
  };
}

/** More places than these are counted and not named; the tables name them. */
const mostNamed = 4;

/** "Updating mappings in place asked for 77.7 % to 83.1 % more flushes per merged page than dropping them (3 seeds)." */
function verdict(way: string, comparisons: readonly Comparison[]): string {
  const changes = comparisons.flatMap(({ reduction }) => reduction === null ? [] : [-reduction]);
  const seeds = Math.max(...comparisons.map((one) => one.seeds.length));
  const named = comparisons.length > mostNamed
    ? `all ${comparisons.length} conditions`
    : listed(comparisons.map(placeOf));
  const where = `${named} (${counted(seeds, "seed")})`;
  if (changes.length === 0) return `${way} asked for no flush in ${where}, nor did dropping them.`;
  const [least, most] = [Math.min(...changes), Math.max(...changes)];
  if (least === 0 && most === 0) {
    return `${way} asked for as many flushes as dropping them in ${where}.`;
  }
  return `${way} asked for ${changeInWords(least, most)} per merged page ` +
    `than dropping mappings, in ${where}.`;
}

/** "77.7 % to 83.1 % more flushes" or, of both signs, "2 % fewer to 3 % more flushes". */
function changeInWords(least: number, most: number): string {
  const share = (change: number) => percent(Math.abs(change));
  const word = (change: number) => change < 0 ? "fewer" : "more";
  if (word(least) !== word(most)) {
    return `${share(least)} fewer to ${share(most)} more flushes of guests' TLBs`;
  }
  const [low, high] = [share(least), share(most)].sort((a, b) => parseFloat(a) - parseFloat(b));
  return `${low === high ? low : `${low} to ${high}`} ${word(most)} flushes of guests' TLBs`;
}

function inWords(rows: readonly Answer[]): string {
  const found = Map.groupBy(rows, ({ arm }) => String(arm));
  const there = arms.map(({ name }) => name).filter((name) => found.has(name));
  const each = (column: string, scale = 1) =>
    listed(there.map((arm) => {
      const value = meanOf(found.get(arm) ?? [], column);
      return `${value === null ? "none" : significant(value * scale)} in ${arm}`;
    }));
  return `In ${placeOf(rows[0]!)}, flushes asked for per merged page: ${
    each(REQUESTS)
  }; of these, ` +
    `that interrupted a running virtual CPU: ${
      each("flushes_per_merged_page")
    }; refaults per 100 ` +
    `merged pages: ${each("refaults_per_merged_page", 100)}.`;
}

/** Where time is counted in instructions and there is one CPU, nobody had to be interrupted. */
function oneCpu(evidence: Evidence): string[] {
  const hosts = rowsOf(evidence, "hosts");
  const alone = hosts.length > 0 &&
    hosts.every(({ cpus, ticks_an_instruction }) => cpus === 1 && ticks_an_instruction !== null);
  return alone
    ? [
      "The emulated hosts had one CPU, on which ksmd and guests take turns: no flush had to interrupt a CPU, " +
      "and none cost what it would between CPUs.",
    ]
    : [];
}
