// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import type { TrialEntry } from "../contract/run_file.ts";
import { timingLines, timings } from "./timings.ts";

const trial = (phases_wall_s: Record<string, number>) => ({ phases_wall_s }) as TrialEntry;

Deno.test("timings() sums each phase over the trials", () => {
  const trials = [trial({ boot: 1.25, merge: 2 }), trial({ boot: 1.5 })];
  const passed = { build_s: 60, built_s: {}, trials_s: 3.04 };
  assertEquals(timings(trials, passed), { build: 60, trials: 3, boot: 2.8, merge: 2 });
});

Deno.test("timings() has each part that was built, what took longest first", () => {
  const passed = { build_s: 60, built_s: { room: 9.96, emulator: 50 }, trials_s: 1 };
  assertEquals(Object.entries(timings([], passed)), [
    ...[["build", 60], ["built: emulator", 50], ["built: room", 10], ["trials", 1]],
  ]);
});

Deno.test("timingLines() say where the time went and what was built", () => {
  const built_s = { emulator: 59.5 };
  const all = {
    ...timings([trial({ boot: 2.8 })], { build_s: 60, built_s, trials_s: 3 }),
    ...{ analysis: 1.5, total: 64.5 },
  };
  assertEquals(timingLines(all), [
    "Time: build 60.0 s, trials 3.0 s, analysis 1.5 s, in all 64.5 s",
    "  built now: emulator 59.5 s",
    "  within the trials, summed over those that run side by side: boot 2.8 s",
  ]);
});
