// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertThrows } from "@std/assert";
import { cpio } from "./cpio.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

Deno.test("cpio() adds the folders above a file once and in order", () => {
  const archive = text(cpio([
    { path: "a/b/one", data: bytes("1") },
    { path: "a/b/two", data: bytes("2"), executable: true },
  ]));
  const names = [...archive.matchAll(/070701[0-9a-f]{104}([^\0]+)\0/g)].map((match) => match[1]);
  assertEquals(names, ["a", "a/b", "a/b/one", "a/b/two", "TRAILER!!!"]);
});

Deno.test("cpio() gives programs the executable bits and fills whole blocks", () => {
  const archive = cpio([{ path: "init", data: bytes("#!"), executable: true }]);
  assertEquals(archive.length % 512, 0);
  assert(text(archive).startsWith("07070100000001000081ed"));
});

Deno.test("cpio() gives the same bytes for the same entries", () => {
  const entries = [{ path: "dev" }, { path: "init", data: bytes("x") }];
  assertEquals(cpio(entries), cpio(entries));
});

Deno.test("cpio() refuses a path that leaves the archive", () => {
  for (const path of ["", "/init", "../init", "a//b"]) {
    assertThrows(() => cpio([{ path, data: bytes("x") }]), RangeError, `"${path}"`);
  }
});
