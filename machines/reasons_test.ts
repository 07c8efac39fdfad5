import { assertEquals } from "@std/assert";
import { reasonName } from "./reasons.ts";

Deno.test("reasonName() gives the manual's name at the edges of each range", () => {
  const expected: [number, string][] = [
    ...[[0x00, "CR0_READ"], [0x1f, "CR15_WRITE"], [0x3f, "DR15_WRITE"], [0x4e, "EXCEPTION_PF"]],
    ...[[0x5f, "EXCEPTION_31"], [0x60, "INTR"], [0x64, "VINTR"], [0x72, "CPUID"], [0x78, "HLT"]],
    ...[[0x7b, "IOIO"], [0x7c, "MSR"], [0x80, "VMRUN"], [0x8d, "XSETBV"]],
    ...[[0x8f, "EFER_WRITE_TRAP"], [0xa5, "BUSLOCK"], [0x400, "NPF"], [0x403, "VMGEXIT"]],
  ] as [number, string][];
  for (const [code, name] of expected) assertEquals(reasonName("svm", code), name);
});

Deno.test("reasonName() has no name for a code it does not know", () => {
  assertEquals([reasonName("svm", 0xdead), reasonName("vmx", 48)], [null, null]);
});
