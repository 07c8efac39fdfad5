// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import type { Comparison, HeadlineRow } from "./comparison.ts";
import { parseCondition, violationsOf } from "./fail_on.ts";

/** A comparison of which only the headlines matter here. */
function comparisonOf(rows: readonly [a: number, b: number][]): Comparison {
  const headlines = rows.map(([a, b], at): HeadlineRow => ({
    ...{ name: "refaults", title: "Refaults", workload: `w${at}`, arm: "on", pairs: 1 },
    ...{ equalPairs: a === b ? 1 : 0, a, b, change: a === 0 ? null : b / a - 1 },
    ...{ values: [[a, b]], effect: null },
  }));
  const side = { title: "", mode: "exact", host: "", drift: false, digest: null, trials: 1 };
  return {
    ...{
      a: { run: "a", called: "a", ...side },
      b: { run: "b", called: "b", ...side },
      exact: true,
      inexactBecause: [],
    },
    ...{ settings: [], inputs: [], pairs: [], onlyA: [], onlyB: [], headlines, measures: [] },
    ...{ compared: 0, different: 0, equal: false },
  };
}

const rows: [number, number][] = [[100, 104], [100, 106], [100, 90], [0, 1], [0, 0]];

const violations = (text: string) =>
  violationsOf(parseCondition(text), comparisonOf(rows))
    .map((line) => /(w\d)/.exec(line)?.[1]);

Deno.test("violationsOf() finds what rose by more than a share of A, also from nothing", () => {
  assertEquals(violations("refaults > 5%"), ["w1", "w3"]);
  assertEquals(violations("refaults>3.5 %"), ["w0", "w1", "w3"]);
});

Deno.test("violationsOf() finds what fell, and takes a limit without % as an amount", () => {
  assertEquals(violations("refaults < -5%"), ["w2"]);
  assertEquals(violations("refaults > 0.5"), ["w0", "w1", "w3"]);
  assertEquals(violations("refaults > 6"), []);
});

Deno.test("violationsOf() does not pass what it could not check", () => {
  assertThrows(
    () => violationsOf(parseCondition("ksmd > 5%"), comparisonOf(rows)),
    LabError,
    "no such number in common",
  );
});

Deno.test("parseCondition() names what was meant", () => {
  const meant = assertThrows(() => parseCondition("refault > 5%"), LabError);
  assertEquals(meant.next, 'Did you mean "refaults"?');
  assertThrows(() => parseCondition("refaults 5"), LabError, "not a condition");
});
