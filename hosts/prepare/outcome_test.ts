// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { verdictOn } from "./outcome.ts";

const before = { boot_id: "a", kernel: "6.1.0-56-amd64" };
const told = { before, release: "6.1.192", waited_s: 60 };
const back = { boot_id: "b", kernel: "6.1.192", kvm: "there", hasSwitch: true } as const;

Deno.test("a host is prepared when another boot says that it is the kernel, with KVM", () => {
  const { prepared, says } = verdictOn({ ...told, now: back });
  assertEquals(prepared, true);
  assertStringIncludes(says, "with KVM and the switch kvm.change_pte");
  assertStringIncludes(says, "Its next boot is 6.1.0-56-amd64 again");
});

Deno.test("a host that says that it restarted, and did not, is not believed", () => {
  const { prepared, says } = verdictOn({ ...told, now: { ...back, ...before } });
  assertEquals(prepared, false);
  assertStringIncludes(says, "still the same boot");
});

Deno.test("each other end has its own sentence and its next step", () => {
  const ends = [
    verdictOn({ ...told, now: undefined }),
    verdictOn({ ...told, now: { ...back, kernel: before.kernel } }),
    verdictOn({ ...told, now: { ...back, kvm: "missing" } }),
  ];
  assertEquals(ends.map(({ prepared }) => prepared), [false, false, false]);
  assertEquals(ends.map(({ fellBack }) => fellBack === true), [false, true, false]);
  assertEquals(new Set(ends.map(({ says }) => says)).size, 3);
  assertEquals(ends.filter(({ next }) => next === undefined), []);
});

Deno.test("a kernel without the switch says which trials it is good for", () => {
  const { prepared, says } = verdictOn({ ...told, now: { ...back, hasSwitch: false } });
  assertEquals(prepared, true);
  assertStringIncludes(says, "the arm stock alone");
});
