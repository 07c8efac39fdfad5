// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { between, disturbancesIn, inWords } from "./disturbances.ts";

const head = { t_ns: 0, phase: "end", kind: "surroundings" } as const;

function recorded(...moments: Record<string, unknown>[]): Uint8Array {
  const events = ["before", "after"];
  return new TextEncoder().encode(
    moments.map((moment, at) => JSON.stringify({ ...head, event: events[at], ...moment }) + "\n")
      .join(""),
  );
}

Deno.test("what a host had counted long before a trial does not disturb it", () => {
  const months = { throttled: 812, stolen_ns: 9e12, merged_elsewhere: 0 };
  assertEquals(disturbancesIn(recorded(months, months)), []);
});

Deno.test("each disturbance is a sentence with the difference in it", () => {
  const before = { throttled: 812, stolen_ns: 9e12, merged_elsewhere: 5 };
  const after = { throttled: 813, stolen_ns: 9e12 + 30e6, merged_elsewhere: 7 };
  assertEquals(disturbancesIn(recorded(before, after)), [
    "its CPUs were slowed down for their heat (counted: 1)",
    "30 ms of its CPUs' time were stolen by another machine",
    "7 pages of other processes were merged as well: KSM's numbers hold them",
  ]);
});

Deno.test("what is not known is no disturbance, and no zero", () => {
  const nothing = { ...head, event: "before" as const };
  const found = between(nothing, { ...nothing, event: "after", throttled: 3 });
  assertEquals(found, { throttled: null, stolen_ns: null, merged_elsewhere: null });
  assertEquals(inWords(found), []);
  assertEquals(disturbancesIn(recorded({ throttled: 1 })), []);
  assertEquals(disturbancesIn(new Uint8Array()), []);
});
