// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { inexactBecause } from "./exact.ts";

Deno.test("inexactBecause() lets exact runs be compared, not drifted ones or hardware", () => {
  assertEquals(inexactBecause({ run: "a", mode: "exact", drift: false }), undefined);
  assertStringIncludes(inexactBecause({ run: "a", mode: "exact", drift: true })!, "a has drifted");
  assertStringIncludes(inexactBecause({ run: "a", mode: "hardware" })!, "on hardware");
});
