// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertThrows } from "@std/assert";
import { codeOf, reasonOf, reasons, vendors } from "./machine.ts";
import { reasonClasses } from "./reason.ts";

const named = (vendor: "svm" | "vmx", code: number) => reasonOf(vendor, code)?.name;

Deno.test("reasonOf() gives the manual's name at the edges of each range", () => {
  const expected: [number, string][] = [
    ...[[0x00, "CR0_READ"], [0x1f, "CR15_WRITE"], [0x3f, "DR15_WRITE"], [0x4e, "EXCEPTION_PF"]],
    ...[[0x5f, "EXCEPTION_31"], [0x60, "INTR"], [0x64, "VINTR"], [0x72, "CPUID"], [0x78, "HLT"]],
    ...[[0x7b, "IOIO"], [0x7c, "MSR"], [0x80, "VMRUN"], [0x8d, "XSETBV"]],
    ...[[0x8f, "EFER_WRITE_TRAP"], [0x9f, "CR15_WRITE_TRAP"], [0xa5, "BUSLOCK"]],
    ...[[0x400, "NPF"], [0x403, "VMGEXIT"]],
  ] as [number, string][];
  for (const [code, name] of expected) assertEquals(named("svm", code), name);
  assertEquals(
    ["HLT", "EPT_VIOLATION", "MSR_WRITE_IMM"],
    [12, 48, 85].map((code) => named("vmx", code)!),
  );
});

Deno.test("reasonOf() knows every code below the last, but for those that no manual names", () => {
  const unnamed = (vendor: "svm" | "vmx", last: number) =>
    Array.from({ length: last + 1 }, (_, code) => code)
      .filter((code) => reasonOf(vendor, code) === undefined);
  assertEquals(unnamed("svm", 0xa5), []);
  assertEquals(unnamed("vmx", 85), [35, 38, 42, 71, 82, 83]);
});

Deno.test("reasonOf() takes the basic reason of VMX, and has no name for a code it does not know", () => {
  assertEquals(named("vmx", 0x8000_0021), "INVALID_STATE");
  assertEquals([named("svm", 0xdead), named("vmx", 200)], [undefined, undefined]);
});

Deno.test("exit reasons have one code, one name and a class of the closed set", () => {
  for (const vendor of vendors) {
    const all = reasons[vendor];
    assertEquals(new Set(all.map(({ code }) => code)).size, all.length);
    assertEquals(new Set(all.map(({ name }) => name)).size, all.length);
    for (const each of all) {
      assert(each.class in reasonClasses, each.name);
      assertEquals(codeOf(vendor, each.name), each.code);
    }
  }
  assertThrows(() => codeOf("svm", "EPT_VIOLATION"), Error, "svm has no exit reason");
});

Deno.test("each vendor says which exits are second-level faults, nested and shadow", () => {
  const faults = vendors.map((vendor) =>
    reasons[vendor].filter(({ faultOf }) => faultOf !== undefined)
      .map(({ name, faultOf }) => `${faultOf} ${name}`)
  );
  assertEquals(faults, [
    ["shadow EXCEPTION_PF", "nested NPF"],
    ["shadow EXCEPTION_NMI", "nested EPT_VIOLATION", "nested EPT_MISCONFIG"],
  ]);
});
