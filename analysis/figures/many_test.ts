// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { drawChart, readChart } from "./chart.ts";
import { EACH_UP_TO, withFewer } from "./many.ts";

const POINTS = { description: "A point for each trial.", tooltip: [{ field: "seed" }] };

/** Rows of one place, as many as trials, whose values are 1 and so on. */
function trials(count: number, arm = "off") {
  return Array.from({ length: count }, (_, at) => ({
    ...{ workload: "w", condition: "", arm, seed: at + 1, trial: `${arm}-${at}`, ordinal: 4 },
    value: at + 1,
  }));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

Deno.test("withFewer() leaves a chart alone whose places have few trials, however many places there are", () => {
  const answers = { q: [...trials(EACH_UP_TO), ...trials(EACH_UP_TO, "on")] };
  const { chart, answers: shown, fewer } = withFewer(POINTS, answers);
  assertEquals([chart === POINTS, shown.q === answers.q, fewer], [true, true, false]);
});

Deno.test("withFewer() makes twenty points of any number of trials, with the mean of all", () => {
  for (const count of [41, 100, 3333]) {
    const { chart, answers, fewer } = withFewer(POINTS, { q: trials(count) });
    const values = answers.q!.map(({ value }) => Number(value));
    assert(fewer);
    assertEquals(values.length, 20);
    assert(Math.abs(meanOf(values) - (count + 1) / 2) < 1e-9);
    assertEquals(values.toSorted((a, b) => a - b), values);
    assertEquals(answers.q![0]!.part, "0\u00a0% to 5\u00a0%");
    // What says where a row belongs is no measure.
    assertEquals(answers.q!.map(({ ordinal }) => ordinal), Array(20).fill(4));
    assertStringIncludes(String(chart.description), "a point is the mean of a twentieth");
    assertEquals(chart.tooltip, [{ field: "part", title: "of the trials" }]);
  }
});

Deno.test("withFewer() shows each trial of a place that has few beside one that has many", () => {
  const { answers } = withFewer(POINTS, { q: [...trials(100), ...trials(3, "on")] });
  const on = answers.q!.filter(({ arm }) => arm === "on");
  assertEquals(on.map(({ value, part }) => [value, part]), [
    [1, "seed 1"],
    [2, "seed 2"],
    [3, "seed 3"],
  ]);
});

Deno.test("withFewer() draws the lines of some trials whole, the lowest and the highest among them", () => {
  const lines = trials(200).flatMap((row) => [row, { ...row, ordinal: 5, value: row.value + 1 }]);
  const chart = { description: "Lines.", usermeta: { many: { lines: "value" } } };
  const { answers } = withFewer(chart, { q: lines });
  const shown = [...Map.groupBy(answers.q!, ({ trial }) => trial).values()];
  assertEquals(shown.map((rows) => rows.length), Array(11).fill(2));
  assertEquals([shown[0]![0]!.seed, shown.at(-1)![0]!.seed], [1, 200]);
});

Deno.test("withFewer() counts a trial without a row as none where only means are drawn", () => {
  const chart = { description: "Means.", usermeta: { many: "means" } };
  const rows = trials(100).flatMap((row) => [
    { ...row, cause: "a" },
    ...(row.seed <= 10 ? [{ ...row, cause: "b", value: 7 }] : []),
  ]);
  const { answers } = withFewer(chart, { q: rows });
  assertEquals(answers.q!.map(({ cause, value }) => [cause, value]), [["a", 50.5], ["b", 0.7]]);
});

Deno.test("a chart of ten thousand trials is no larger than one of a hundred, and has their mean", async () => {
  const rows = (count: number) =>
    ["off", "on"].flatMap((arm) =>
      trials(count, arm).map(({ value, ...row }) => ({
        ...row,
        refaults_per_merged_page: value / count,
        ...{ refaults: value, read_refaults: value, fetch_refaults: 0, merged_pages: 1000 },
      }))
    );
  const chart = await readChart("refaults");
  const drawn = async (count: number) =>
    await drawChart(chart, { refaults_per_merged_page: rows(count) });
  const [few, many] = [await drawn(100), await drawn(5000)];
  assert(many.svg.length < 1.2 * few.svg.length, `${few.svg.length} to ${many.svg.length}`);
  assert(many.fewer);
  // (1 + ... + 5000) / 5000 / 5000 of a hundred.
  assertStringIncludes(many.svg, ">50.01<");
});
