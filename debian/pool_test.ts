// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { archiveSources } from "./apt.ts";
import { poolAddresses } from "./pool.ts";

Deno.test("poolAddresses() takes each mirror once, and none of security updates", () => {
  const sources = [
    "deb [signed-by=/k] http://a/debian bookworm main",
    "deb-src [signed-by=/k] http://a/debian/ bookworm main",
    "deb http://b/debian-security bookworm-security main",
  ].map((line) => `${line}\n`).join("");
  assertEquals(poolAddresses(sources), ["http://a/debian"]);
  const archive = "http://c/archive/debian/20261101T000000Z";
  assertEquals(poolAddresses(archiveSources(archive)), [archive]);
});
