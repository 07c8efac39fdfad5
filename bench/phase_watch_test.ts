// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { PhaseWatch } from "./phase_watch.ts";

function begin(phase: string): string {
  return JSON.stringify({ t_ns: 1, phase, kind: "phases", event: "begin" }) + "\n";
}

Deno.test("PhaseWatch times no phase that came whole with one reading, as in a trial that was forked", () => {
  const progress = { phase: "start", detail: "" };
  const seen: string[] = [];
  const watch = new PhaseWatch(progress, () => seen.push(progress.phase));
  watch.see(begin("boot") + begin("load") + begin("settle"));
  watch.see(begin("merge"));
  watch.see(begin("touch") + begin("end"));
  watch.end();
  assertEquals(seen, ["boot", "load", "settle", "merge", "touch", "end"]);
  assertEquals(Object.keys(watch.phases_wall_s), ["start", "settle", "merge", "end"]);
});

Deno.test("PhaseWatch says what is wrong with a line that is no record, and reads no more", () => {
  const progress = { phase: "start", detail: "" };
  const watch = new PhaseWatch(progress, () => {});
  watch.see("no record\n");
  watch.see(begin("boot"));
  assertEquals([watch.problem === undefined, progress.phase], [false, "start"]);
});
