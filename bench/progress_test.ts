// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { clock, type Progress, render } from "./progress.ts";

const running = [{
  ...{ id: "kernels-off-s1-aabbccdd", phase: "merge", began_ms: 60_000, detail: "5 pages" },
  expected_s: 120,
}];
const state: Progress = {
  ...{ total: 6, done: 2, failed: 0, began_ms: 0, running, waiting_s: 360, slots: 2 },
};

Deno.test("render() shows how far the run and each trial are, in which phase, and what is left", () => {
  assertEquals(render(state, 120_000, 100), [
    `${"\u2588".repeat(10)}${"\u2591".repeat(14)} 2/6 trials, 2:00, about 3:30 left`,
    `  ${"\u2588".repeat(5)}${
      "\u2591".repeat(5)
    } kernels-off-s1-aabbccdd          merge      1:00  5 pages`,
  ]);
});

Deno.test("render() names failures, and never says that what still runs is all done", () => {
  const ended = { ...state, running: [], done: 0, failed: 6, waiting_s: 0 };
  assertEquals(render(ended, 1000, 100), [`${"\u2588".repeat(24)} 6/6 trials, 6 failed, 0:01`]);
  const [, late = ""] = render(state, 1_000_000, 100);
  assert(late.includes("\u2588".repeat(10)) === false || late.includes("15:40"), late);
  assert(render({ ...state, waiting_s: 0 }, 1_000_000, 100)[0]!.endsWith("about 0:06 left"));
});

Deno.test("render() stays within the terminal, with colours and without", () => {
  for (const line of render(state, 0, 20)) assert(line.length <= 20);
  const painted = render(state, 120_000, 100, true);
  assertEquals(painted[0]!.startsWith("\x1b[32m\u2588"), true);
  // deno-lint-ignore no-control-regex
  const bare = painted.map((line) => line.replaceAll(/\x1b\[\d+m/g, ""));
  assertEquals(bare, render(state, 120_000, 100));
});

Deno.test("clock() gives minutes and seconds", () => {
  assertEquals([clock(7000), clock(754_000)], ["0:07", "12:34"]);
});
