// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { endedLine, withEnded } from "./ended_trials.ts";
import { madeUpEntry } from "./testdata/run_file.ts";

const waiting = ["a", "b"].map((id) => ({ ...madeUpEntry(id, {}), status: "waiting" as const }));
const [a, b] = waiting as [typeof waiting[0], typeof waiting[0]];
const done = { ...a, status: "done" as const, digest: "d" };

Deno.test("withEnded() puts trials that have ended in place, the last line of each", () => {
  const failed = { ...a, status: "failed" as const, reason: "why" };
  assertEquals(withEnded(waiting, endedLine(failed) + endedLine(done)), [done, b]);
});

Deno.test("withEnded() leaves out half a line, and what was changed or is of another trial", () => {
  const half = endedLine(done).slice(0, -9);
  const changed = endedLine(done).replace('"digest":"d"', '"digest":"e"');
  const another = endedLine({ ...done, identity: "other" });
  const elsewhere = endedLine({ ...done, records: "../x" });
  for (const text of [half, changed, another, elsewhere, "{}\n", "null\n"]) {
    assertEquals(withEnded(waiting, text), waiting);
  }
});
