// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import type { LineOf } from "../../contract/records.ts";
import { type MadeEvent, packEvents } from "../testdata/trace.ts";
import { decodeEvents, type Events, valueOf } from "./decode.ts";

function record(events: readonly MadeEvent[], cpu = 0): LineOf<"trace_events"> {
  return { ...packEvents(events), t_ns: 0, phase: "boot", line: 3, cpu } as LineOf<"trace_events">;
}

function plain(events: Events): number[][] {
  return Array.from({ length: events.count }, (_, at) => [
    ...[events.t_ns[at]!, events.task[at]!, events.kind[at]!],
    ...[valueOf(events, at, 0), valueOf(events, at, 1)],
  ]);
}

Deno.test("decodeEvents() gives back numbers of up to 52 bits", () => {
  const events: MadeEvent[] = [
    [2 ** 45, 7, 1, 2 ** 52 - 1, 2 ** 33 + 7],
    [2 ** 45, 300, 1, 127, 128],
    [2 ** 45 + 9, 7, 1, 0, 16384],
  ];
  const expected = events.map(([t, task, kind, a, b]) => [t, task, kind, a!, b!]);
  assertEquals(plain(decodeEvents([record(events)], "x")), expected);
});

Deno.test("decodeEvents() puts the events of several CPUs into one order", () => {
  const first = record([[10, 1, 2, 100], [30, 1, 2, 101]], 0);
  const second = record([[5, 2, 2, 200], [30, 2, 2, 201]], 1);
  const events = decodeEvents([first, second], "x");
  assertEquals(plain(events).map((event) => event[3]), [200, 100, 101, 201]);
});

Deno.test("decodeEvents() names the line of a record that does not hold what it says", () => {
  const one = record([[10, 1, 2, 100]]);
  for (
    const [wrong, message] of [
      [{ ...one, count: 2 }, /line 3: .* end in the middle/],
      [{ ...one, count: 0 }, /line 3: .* more than their count/],
      [{ ...one, data: "DwEB" }, /line 3: the packed events hold the unknown kind 15/],
      [{ ...one, data: "?" }, /line 3: .* not base64/],
    ] as const
  ) {
    const error = assertThrows(() => decodeEvents([wrong], "x"), LabError);
    assertMatch(error.message, message);
  }
});
