// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { compareVersions } from "./debian_version.ts";

Deno.test("compareVersions() orders as deb-version(7) says", () => {
  const ordered = [
    "1.0~rc1",
    "1.0",
    "1.0-1",
    "1.0-1+deb12u1",
    "1.0a",
    "1.0+b",
    "1.2",
    "1.10",
    "1:0.1",
  ];
  for (let at = 1; at < ordered.length; at++) {
    assert(
      compareVersions(ordered[at - 1]!, ordered[at]!) < 0,
      `${ordered[at - 1]} < ${ordered[at]}`,
    );
    assert(compareVersions(ordered[at]!, ordered[at - 1]!) > 0);
  }
  assertEquals(compareVersions("6.1.192-2", "6.1.192-2"), 0);
});
