// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { errorCodeOfQualification, qualificationOf } from "./ept.ts";
import { decodeFault } from "./pages.ts";

const faultOf = (...bits: Parameters<typeof qualificationOf>) =>
  decodeFault(errorCodeOfQualification(qualificationOf(...bits)));
const plain = { present: false, guest_walk: false, mmio: false };

Deno.test("errorCodeOfQualification() tells reads, writes and fetches of what is not mapped", () => {
  assertEquals(faultOf("read", "linearAddress", "translated"), { ...plain, access: "read" });
  assertEquals(faultOf("write", "linearAddress", "translated"), { ...plain, access: "write" });
  assertEquals(faultOf("fetch", "linearAddress", "translated"), { ...plain, access: "fetch" });
});

Deno.test("errorCodeOfQualification() knows what an entry allowed, and who walked", () => {
  const walk = { ...plain, guest_walk: true };
  const seen = ["readable", "executable"] as const;
  assertEquals(faultOf("write", "linearAddress", "translated", ...seen), {
    ...{ ...plain, access: "write", present: true },
  });
  assertEquals(faultOf("read", "linearAddress"), { ...walk, access: "read" });
  assertEquals(faultOf("read", "write", "linearAddress"), { ...walk, access: "write" });
});
