// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { clock, render } from "./progress.ts";

const running = [{
  id: "kernels-off-s1-aabbccdd",
  phase: "merge",
  began_ms: 60_000,
  detail: "5 pages",
}];

Deno.test("render() shows how far the run is and which trial is in which phase", () => {
  assertEquals(render({ total: 6, done: 2, failed: 0, began_ms: 0, running }, 120_000, 100), [
    "2/6 trials, 2:00, about 4:00 left",
    "  kernels-off-s1-aabbccdd          merge      1:00  5 pages",
  ]);
});

Deno.test("render() names failures and guesses nothing before the first trial has ended", () => {
  const state = { total: 3, done: 0, failed: 0, began_ms: 0, running: [] };
  assertEquals(render(state, 1000, 100), ["0/3 trials, 0:01"]);
  assertEquals(render({ ...state, failed: 3 }, 1000, 100), ["3/3 trials, 3 failed, 0:01"]);
});

Deno.test("render() keeps within the columns", () => {
  const state = { total: 1, done: 0, failed: 0, began_ms: 0, running };
  assertEquals(render(state, 100_000, 20).map((line) => line.length), [16, 20]);
});

Deno.test("clock() counts minutes and seconds", () => {
  assertEquals([0, 59_999, 60_000, 3_723_000].map(clock), ["0:00", "0:59", "1:00", "62:03"]);
});
