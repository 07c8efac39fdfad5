// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { fitting } from "./room.ts";

Deno.test("fitting() has as many at a time as fit, should the largest come together", () => {
  assertEquals(fitting([300, 500, 300], 2, 800), 2);
  assertEquals(fitting([300, 500, 300], 2, 799), 1);
  assertEquals(fitting([300, 500, 300], 2, 499), 0);
  assertEquals(fitting([300, 500, 300], 8, 1100), 8);
  assertEquals(fitting([], 8, 0), 8);
});
