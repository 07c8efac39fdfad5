// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { fitting, slotsIn } from "./room.ts";

Deno.test("fitting() has as many at a time as fit, should the largest come together", () => {
  assertEquals(fitting([300, 500, 300], 2, 800), 2);
  assertEquals(fitting([300, 500, 300], 2, 799), 1);
  assertEquals(fitting([300, 500, 300], 2, 499), 0);
  assertEquals(fitting([300, 500, 300], 8, 1100), 8);
  assertEquals(fitting([], 8, 0), 8);
});

Deno.test("slotsIn() has fewer at a time where memory is short, and says so, down to none", () => {
  const said: string[] = [];
  const ask = (available_mib: number) =>
    slotsIn(available_mib, [300, 500, 300], 2, (text, level) => said.push(`${level}: ${text}`));
  assertEquals([ask(1400), said], [2, []]);
  assertEquals(ask(1399), 1);
  assertEquals(said, [
    "warning: 1 at a time instead of 2: a trial takes up to 500 MiB of memory, and 1399 MiB are available",
  ]);
  assertThrows(
    () => ask(1099),
    LabError,
    "Cannot run trials: one takes 500 MiB of memory and the lab 600, and 1099 MiB are available",
  );
});
