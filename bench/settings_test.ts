import { assertEquals } from "@std/assert";
import { guestLinesOf, settingTypes } from "./settings.ts";

Deno.test("guestLinesOf() takes a level of guest_kernel apart", () => {
  assertEquals(guestLinesOf("6.1"), ["6.1"]);
  assertEquals(guestLinesOf("6.1+6.12"), ["6.1", "6.12"]);
});

Deno.test("guest_kernel takes each line or all of them in turn, the lab's own or Debian's, and nothing else", () => {
  const accepts = (level: string) => settingTypes.guest_kernel.safeParse(level).success;
  assertEquals(["6.1", "6.12", "6.1+6.12"].map(accepts), [true, true, true]);
  assertEquals(["debian-6.1", "debian-6.1+debian-6.12"].map(accepts), [true, true]);
  assertEquals(["6.1+6.1", "5.10", "", "+"].map(accepts), [false, false, false, false]);
});
