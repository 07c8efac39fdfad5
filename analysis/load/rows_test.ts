// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { closed } from "../testdata/synthetic.ts";
import { declare, flag, text, whole } from "../../contract/declaration.ts";
import { kinds } from "../../contract/kinds.ts";
import { parseKinds, parseRecords } from "../../contract/records.ts";
import { codeOf } from "../../machines/machine.ts";
import { faultCode } from "../../machines/x86_64/pages.ts";
import { rowsOf, rowsOfKinds } from "./rows.ts";

const FACTS = { trial: "t", vendor: "svm", paging: "nested", file: "f", phaseWall_s: {} } as const;

type Fields = Record<string, unknown>;

/** Lines of two phases, the records of each between its marks. */
function linesOf(records: (record: Fields) => Fields[]): Fields[] {
  return ["boot", "touch"].flatMap((phase, index) => {
    const at = { t_ns: index, phase };
    return [
      { ...at, kind: "phases", event: "begin" },
      ...records(at),
      { ...at, kind: "phases", event: "end" },
    ];
  });
}

function rows(records: (record: Fields) => Fields[]) {
  return rowsOf(parseRecords(closed(linesOf(records)), "f"), FACTS);
}

Deno.test("rowsOf() takes the host's events and faults as counts of their phase", () => {
  const { vm_events, host_faults } = rows(({ t_ns, phase }) => [
    { t_ns, phase, kind: "vm_events", pswpout: phase === "boot" ? 3 : 10, cow_ksm: 5 },
    { t_ns, phase, kind: "host_faults", guest: 1, minor: phase === "boot" ? 7 : 9, major: 2 },
  ]);
  const trial = "t";
  assertEquals(vm_events, [
    { trial, phase: "boot", event: "pswpout", count: 3 },
    { trial, phase: "touch", event: "pswpout", count: 7 },
    // It did not happen in touch, so there is no row of it.
    { trial, phase: "boot", event: "cow_ksm", count: 5 },
  ]);
  assertEquals(host_faults, [
    { trial, phase: "boot", guest: 1, minor: 7, major: 2 },
    { trial, phase: "touch", guest: 1, minor: 2, major: 0 },
  ]);
});

Deno.test("rowsOf() takes what the host pays by what and key", () => {
  const { host_costs } = rows(({ t_ns, phase }) => {
    const at = { t_ns, phase, kind: "host_costs" };
    const later = phase === "touch" ? 1 : 0;
    return [
      { ...at, what: "exit", key: "7", count: 4 + later, spent_ns: 800 + 100 * later },
      { ...at, what: "write lock", key: "kvm_handle_hva_range", count: 2, spent_ns: 0 },
    ];
  });
  assertEquals(host_costs, [
    { trial: "t", phase: "boot", what: "exit", key: "7", count: 4, spent_ns: 800 },
    { trial: "t", phase: "touch", what: "exit", key: "7", count: 1, spent_ns: 100 },
    ...[{ trial: "t", phase: "boot", what: "write lock", key: "kvm_handle_hva_range" }]
      .map((row) => ({ ...row, count: 2, spent_ns: 0 })),
  ]);
});

Deno.test("rowsOf() tells the virtual CPUs of a guest apart and loses none", () => {
  const NPF = codeOf("svm", "NPF");
  const error_code = faultCode("user", "guestFinal");
  const { exits, faults, cpu } = rows(({ t_ns, phase }) => {
    const at = { t_ns, phase, guest: 0 };
    const later = phase === "touch" ? 10 : 0;
    return [0, 1].flatMap((vcpu) => [
      { ...at, kind: "exits", vcpu, reason_code: NPF, count: 5 + vcpu + later * (vcpu + 1) },
      { ...at, kind: "faults", vcpu, error_code, count: 3 + later * vcpu },
      { ...at, kind: "cpu", task: "vcpu", vcpu, run_ns: 100 + later },
    ]);
  });
  const counted = (table: typeof exits) =>
    table?.map(({ phase, guest, vcpu, count }) => [phase, guest, vcpu, count]);
  assertEquals(counted(exits), [
    ...[["boot", 0, 0, 5], ["touch", 0, 0, 10]],
    ...[["boot", 0, 1, 6], ["touch", 0, 1, 20]],
  ]);
  assertEquals(
    exits?.map(({ reason, class: kind }) => [reason, kind]),
    Array(4).fill(["NPF", "fault"]),
  );
  // The first did not fault in touch, so it has no row there.
  assertEquals(counted(faults), [["boot", 0, 0, 3], ["boot", 0, 1, 3], ["touch", 0, 1, 10]]);
  assertEquals(cpu?.map(({ phase, vcpu, run_ns }) => [phase, vcpu, run_ns]), [
    ...[["boot", 0, 100], ["touch", 0, 10], ["boot", 1, 100], ["touch", 1, 10]],
  ]);
});

Deno.test("rowsOf() leaves the number of a virtual CPU empty where a task is none", () => {
  const { cpu } = rows((
    { t_ns, phase },
  ) => [{ t_ns, phase, kind: "cpu", task: "ksmd", run_ns: 1 }]);
  assertEquals(cpu?.map(({ guest, vcpu }) => [guest, vcpu]), [[null, null], [null, null]]);
});

Deno.test("rowsOf() says how ticks pass on the host, or that instructions do not tell", () => {
  const host = { arch: "x86_64", vendor: "vmx", kernel: "6.1", cpus: 2, page_bytes: 4096 };
  const record = { t_ns: 0, phase: "boot", kind: "host", ...host, tick_hz: 2e9 };
  const rowOf = (ticks_an_instruction: number) =>
    rowsOf(parseRecords(closed([{ ...record, ticks_an_instruction }]), "f"), FACTS).host;
  assertEquals(rowOf(8), [{ trial: "t", ...host, tick_hz: 2e9, ticks_an_instruction: 8 }]);
  assertEquals(rowOf(0), [{ trial: "t", ...host, tick_hz: 2e9, ticks_an_instruction: null }]);
});

Deno.test("rowsOfKinds() makes rows of a kind that nothing but its declaration knows", () => {
  const doors = declare({
    says: "How often a door was opened.",
    fields: { door: text("its colour"), opened: whole("openings") },
    table: { form: "counters", key: ["door"], zeros: "kept" },
  });
  const lights = declare({
    says: "A light.",
    fields: { on: flag("whether it is on") },
    table: { form: "readings", of: [] },
  });
  const all = { ...kinds, doors, lights };
  const lines = linesOf(({ t_ns, phase }) => [
    { t_ns, phase, kind: "doors", door: "red", opened: phase === "boot" ? 2 : 5 },
    { t_ns, phase, kind: "lights", on: phase === "boot" ? 1 : 0 },
  ]);
  const tables = rowsOfKinds(parseKinds(closed(lines), "f", undefined, all), all, FACTS);
  assertEquals(tables.doors, [
    { trial: "t", phase: "boot", door: "red", opened: 2 },
    { trial: "t", phase: "touch", door: "red", opened: 3 },
  ]);
  assertEquals(tables.lights, [
    { trial: "t", phase: "boot", t_ns: 0, at_phase_end: true, on: true },
    { trial: "t", phase: "touch", t_ns: 1, at_phase_end: true, on: false },
  ]);
});

Deno.test("rowsOf() counts what a host counts since its start from before the trial", () => {
  const at = { t_ns: 0, phase: "before" };
  const before = [
    { ...at, kind: "surroundings", event: "before", stolen_ns: 7 },
    { ...at, kind: "cpu", task: "ksmd", run_ns: 9e15 },
    { ...at, kind: "vm_events", pswpout: 1000, cow_ksm: 500 },
    { ...at, kind: "interrupts", cpu: 0, name: "LOC", count: 1e9 },
  ];
  const own = linesOf(({ t_ns, phase }) => [
    { t_ns, phase, kind: "cpu", task: "ksmd", run_ns: 9e15 + 5 + Number(t_ns) },
    { t_ns, phase, kind: "vm_events", pswpout: 1000, cow_ksm: 503 },
    { t_ns, phase, kind: "interrupts", cpu: 0, name: "LOC", count: 1e9 + 40 },
  ]);
  const { cpu, vm_events, interrupts, surroundings } = rowsOf(
    parseRecords(closed([...before, ...own]), "f"),
    FACTS,
  );
  assertEquals(cpu?.map(({ phase, run_ns }) => [phase, run_ns]), [["boot", 5], ["touch", 1]]);
  assertEquals(vm_events, [{ trial: "t", phase: "boot", event: "cow_ksm", count: 3 }]);
  assertEquals(interrupts, [{ trial: "t", phase: "boot", cpu: 0, name: "LOC", count: 40 }]);
  assertEquals(
    surroundings?.map(({ event, stolen_ns, throttled }) => [event, stolen_ns, throttled]),
    [
      ["before", 7, null],
    ],
  );
});
