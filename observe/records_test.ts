// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { numRuns, seed } from "../base/testdata/fuzz.ts";
import { recordsOf } from "./records.ts";
import { readSeen } from "./report_text.ts";
import { whole } from "./testdata/seen.ts";

const { records, settings } = recordsOf(readSeen(whole));

Deno.test("what was seen becomes records of two phases, counters as they stood", () => {
  const exits = records.filter(({ kind, phase }) => kind === "exits" && phase === "observe");
  assertEquals(
    exits.map(({ guest, vcpu, reason_code, count }) => [guest, vcpu, reason_code, count]),
    [
      [0, 0, 1024, 110],
      [1, 0, 57005, 220],
    ],
  );
  const [before, after] = records.filter(({ kind, guest }) => kind === "kvm_stats" && guest === 0);
  assertEquals([before?.phase, before?.exits, after?.phase, after?.exits], [
    ...["before", 20, "observe", 220],
  ]);
  const [vmm] = records.filter(({ kind, task, guest }) =>
    kind === "cpu" && task === "vmm" && guest === 1
  );
  assertEquals(vmm?.run_ns, 600_000_000);
  assertEquals(records.find(({ kind }) => kind === "vms")?.vcpus, 1);
  assertEquals(settings, {
    ...{ arm: "stock", thp: "never", mmu: "npt", ksm: "on", pages_to_scan: 100 },
    sleep_millisecs: 20,
  });
});

Deno.test("a fault comes after a merge once, of the machine whose page it was, and writes are apart", () => {
  const of = (guest: number | undefined) =>
    records.find((one) => one.kind === "after_merge" && one.guest === guest);
  const counts = (guest: number | undefined) => {
    const { dropped, faults, after_drop, writes } = of(guest)!;
    return [dropped, faults, after_drop, writes];
  };
  assertEquals(counts(0), [1, 2, 1, 0]);
  assertEquals(counts(1), [1, 0, 0, 1]);
  /* Of a page that lies in nobody's memory it is not known. */
  assertEquals(of(undefined)?.dropped, 1);
});

Deno.test("what was lost on the way is left out from the first tick that is not whole", () => {
  fc.assert(
    fc.property(fc.nat(whole.length), (length) => {
      const seen = readSeen(whole.slice(0, length));
      assertEquals(seen.ended !== undefined, length === whole.length);
      if (seen.ticks.length < 2) return;
      const { records } = recordsOf(seen);
      assert(records.some(({ kind }) => kind === "sources"));
    }),
    { numRuns: Math.ceil(numRuns / 10), seed },
  );
});
