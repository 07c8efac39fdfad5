import { assertEquals } from "@std/assert";
import { closed } from "../testdata/synthetic.ts";
import { parseRecords } from "../../contract/records.ts";
import { rowsOf } from "./rows.ts";

const FACTS = { trial: "t", vendor: "svm", file: "f", phaseWall_s: {} } as const;

function rows(records: (record: Record<string, unknown>) => Record<string, unknown>[]) {
  const lines = ["boot", "touch"].flatMap((phase, index) => {
    const at = { t_ns: index, phase };
    return [
      { ...at, kind: "phase", event: "begin" },
      ...records(at),
      { ...at, kind: "phase", event: "end" },
    ];
  });
  return rowsOf(parseRecords(closed(lines), "f"), FACTS);
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
    const at = { t_ns, phase, kind: "host_cost" };
    const later = phase === "touch" ? 1 : 0;
    return [
      { ...at, what: "exit", key: "1024", count: 4 + later, spent_ns: 800 + 100 * later },
      { ...at, what: "write lock", key: "kvm_handle_hva_range", count: 2, spent_ns: 0 },
    ];
  });
  assertEquals(host_costs, [
    { trial: "t", phase: "boot", what: "exit", key: "1024", count: 4, spent_ns: 800 },
    { trial: "t", phase: "touch", what: "exit", key: "1024", count: 1, spent_ns: 100 },
    ...[{ trial: "t", phase: "boot", what: "write lock", key: "kvm_handle_hva_range" }]
      .map((row) => ({ ...row, count: 2, spent_ns: 0 })),
  ]);
});
