// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { kinds } from "./kinds.ts";
import { undeclared } from "./undeclared.ts";

const at = { t_ns: 0, phase: "boot" };

Deno.test("undeclared() names fields and kinds that no declaration has, each once", () => {
  const exits = { ...at, kind: "exits", guest: 0, vcpu: 0, reason_code: 1, count: 1 };
  assertEquals(undeclared([exits], kinds), []);
  assertEquals(
    undeclared(
      [{ ...exits, colour: "red" }, { ...exits, colour: 1 }, { ...at, kind: "new" }],
      kinds,
    ),
    ["exits.colour", "new"],
  );
});

Deno.test("undeclared() knows further numbers and kinds that may hold anything", () => {
  const records = [
    { ...at, kind: "vm_events", pswpin: 1 },
    { ...at, kind: "memory", scope: "host", MemFree_kib: 1 },
    { ...at, kind: "plan", format: 2, workload: "kernels" },
  ];
  assertEquals(undeclared(records, kinds), []);
  assertEquals(undeclared([{ ...at, kind: "memory", scope: "host", MemFree: 1 }], kinds), [
    "memory.MemFree",
  ]);
  assertEquals(undeclared([{ ...at, kind: "ksm", advisor_mode: "none" }], kinds), [
    "ksm.advisor_mode",
  ]);
});
