// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { parseRecords } from "../../contract/records.ts";
import { closed } from "../testdata/synthetic.ts";
import {
  FIRST_PAGE,
  INTRODUCTIONS,
  KSMD,
  type MadeEvent,
  packEvents,
  tracedEvents,
  VCPU,
  VMM,
} from "../testdata/trace.ts";
import type { ColumnBatch } from "../engine/columns.ts";
import { traceRows } from "./interpret.ts";

const FACTS = {
  ...{ trialNumber: 4, file: "x", inPlace: true },
  processor: { vendor: "svm", paging: "nested" },
} as const;

function rowsOfTrace(events = tracedEvents()): Record<string, ColumnBatch> {
  const lines = [packEvents(events), ...INTRODUCTIONS];
  const bytes = closed(lines.map((line) => ({ t_ns: 0, phase: "boot", ...line })));
  return traceRows(parseRecords(bytes, "x"), FACTS);
}

/** Some columns of a table, row by row. */
function pick(batch: ColumnBatch | undefined, names: readonly string[]): unknown[][] {
  const columns = names.map((name) => batch?.columns[name]);
  return Array.from(
    { length: batch?.rows ?? 0 },
    (_, row) =>
      columns.map((column) =>
        column?.type === "word" ? column.words[column.values[row]!] : Number(column?.values[row])
      ),
  );
}

Deno.test("traceRows() says what each notification was for", () => {
  const { trace_notifications } = rowsOfTrace();
  assertEquals(pick(trace_notifications, ["gfn", "pages", "role", "cause"]), [
    [5, 1, "ksmd", "merge"],
    [6, 1, "ksmd", "merge"],
    [7, 1, "ksmd", "merge"],
    [512, 512, "ksmd", "split"],
    [5, 1, "vcpu", "break"],
    [7, 1, "vmm", "break"],
  ]);
});

Deno.test("traceRows() tells copies from other notifications where they are not announced", () => {
  const clear = (t_ns: number, thread: number, gfn: number, pages: number, flags: number) =>
    [t_ns, thread, 3, 0, FIRST_PAGE + gfn, pages, flags, 1] as const;
  const { trace_notifications } = rowsOfTrace([
    ...[clear(10, VMM, 4, 1, 1), clear(20, VCPU, 5, 1, 1), clear(30, VMM, 6, 2, 1)],
    ...[clear(40, KSMD, 7, 1, 3), clear(50, KSMD, 8, 1, 1), [60, 1, 6]],
  ] as MadeEvent[]);
  assertEquals(pick(trace_notifications, ["gfn", "role", "cause"]), [
    [4, "vmm", "break"],
    [5, "vcpu", "break"],
    [6, "vmm", "discard"],
    [7, "ksmd", "merge"],
    [8, "ksmd", "unmerge"],
  ]);
});

Deno.test("traceRows() finds guest and cause of a mapping that ksmd changed", () => {
  const { trace_sptes } = rowsOfTrace();
  const rows = pick(trace_sptes, ["guest", "gfn", "role", "cause", "new_bits"]);
  assertEquals(rows.filter(([, gfn]) => gfn === 6), [
    [0, 6, "vcpu", "guest fault", 2051],
    [0, 6, "ksmd", "merge", 0],
    [0, 6, "ksmd", "merge", 2049],
  ]);
  assertEquals(rows.find(([, gfn, , , bits]) => gfn === 8 && bits === 0)?.[3], "memory slots");
});

Deno.test("traceRows() puts events into the phase whose counters were read next", () => {
  const { trace_faults, trace_exits } = rowsOfTrace();
  const phases = pick(trace_faults, ["trial_number", "phase_ordinal"]);
  assertEquals(phases.map(([, phase]) => phase), [0, ...Array(11).fill(2)]);
  assertEquals(phases[0], [4, 0]);
  assertEquals(trace_exits?.rows, 12);
});

Deno.test("traceRows() has no tables for a trial that was not traced", () => {
  assertEquals(traceRows(parseRecords(closed([]), "x"), FACTS), {});
});
