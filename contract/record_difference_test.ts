// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { firstDifference } from "./record_difference.ts";

const line = (fields: Record<string, unknown>) =>
  JSON.stringify({ t_ns: 5, phase: "touch", kind: "exits", ...fields }) + "\n";

Deno.test("firstDifference() finds none in equal records", () => {
  assertEquals(firstDifference(line({ count: 1 }), line({ count: 1 })), undefined);
});

Deno.test("firstDifference() names phase, kind, guest, field and both values", () => {
  const before = line({ guest: 0, count: 1 }) + line({ guest: 1, count: 7 });
  const after = line({ guest: 0, count: 1 }) + line({ guest: 1, count: 8 });
  assertEquals(
    firstDifference(before, after),
    "line 2, phase touch, kind exits, guest 1, field count: was 7, is 8",
  );
});

Deno.test("firstDifference() names a field that has gone, and records too few or too many", () => {
  const one = line({ count: 1 });
  assertEquals(
    firstDifference(one, line({})),
    "line 1, phase touch, kind exits, field count: was 1, is absent",
  );
  assertEquals(firstDifference(one + one, one), "line 2: 1 records fewer than before");
  assertEquals(firstDifference(one, one + one), "line 2: 1 records more than before");
});
