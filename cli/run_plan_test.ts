// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { duration, isMeant, planLines } from "./run_plan.ts";

const some = { trials: 18, cached: 6, trials_s: 100, disk_mib: 36 };

Deno.test("planLines() says what is left, how long it takes and how much room", () => {
  assertEquals(planLines("default", some), [
    "default: 18 trials, 6 of them cached, 12 to be carried out",
    "Time: about 2 min for the trials",
    "Disk: about 36 MiB in reports/",
  ]);
  const [trials, time] = planLines("default", { ...some, cached: null });
  assertEquals(trials?.includes("known once kernel and emulator are built"), true);
  assertEquals(time?.includes("to build what is missing"), true);
});

Deno.test("isMeant() lets no slip of the hand take hours", () => {
  const long = { ...some, trials_s: 4000 };
  assertEquals(isMeant("x", some, false), true);
  assertEquals(isMeant("x", long, true), true);
  if (!Deno.stdin.isTerminal()) {
    const { message } = assertThrows(() => isMeant("x", long, false), LabError);
    assertEquals(message.includes("about 1 h 7 min of work"), true, message);
  }
});

Deno.test("duration() is as exact as an estimate can be", () => {
  assertEquals([12.4, 89, 300, 3600, 4800].map(duration), [
    ...["12 s", "89 s", "5 min", "1 h", "1 h 20 min"],
  ]);
});
