// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { decodeFault, faultCode } from "./pages.ts";

Deno.test("decodeFault() reads bits beyond the thirty-second", () => {
  const plain = { present: false, guest_walk: false, mmio: false };
  assertEquals(decodeFault(faultCode("user", "guestFinal")), { ...plain, access: "read" });
  assertEquals(decodeFault(faultCode("fetch", "guestFinal")), { ...plain, access: "fetch" });
  assertEquals(decodeFault(faultCode("present", "write", "guestPageTable")), {
    ...{ access: "write", present: true, guest_walk: true, mmio: false },
  });
  assertEquals(decodeFault(faultCode("reserved")).mmio, true);
});

Deno.test("faultCode() makes the codes that KVM records", () => {
  assertEquals(faultCode("user", "guestFinal"), 0x1_0000_0004);
  assertEquals(faultCode("present", "write", "user", "guestPageTable"), 0x2_0000_0007);
});
