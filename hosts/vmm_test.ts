// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { vmmLines, type VmmSettings } from "./vmm.ts";

const settings: VmmSettings = {
  carrier: "vm",
  guest_kernel: "6.1",
  guest_memory_mib: 64,
  aslr: "on",
  vcpus: 2,
};

/** The command line of guests of one kind, as the agent makes it. */
function commandOf(kind: number, lines: ReturnType<typeof vmmLines>): string[] {
  return lines.filter(([key]) => key === "vmm.argument" || key === `vmm.argument.${kind}`)
    .map(([, value]) => String(value));
}

/** What stands behind an option. */
function valueOf(option: string, command: readonly string[]): string | undefined {
  return command[command.indexOf(option) + 1];
}

Deno.test("vmmLines() begins with the program and names memory, virtual CPUs and kernel", () => {
  const command = commandOf(0, vmmLines(settings, "/disk.erofs"));
  assertEquals(command[0], "{root}/vmm");
  assertEquals(valueOf("-m", command), "64M");
  assertEquals(valueOf("-smp", command), "2,sockets=2");
  assertEquals(valueOf("-kernel", command), "{root}/guest/vmlinux-6.1");
  assertStringIncludes(valueOf("-drive", command)!, "file={root}/disk.erofs,");
  assert(!vmmLines(settings, undefined).some(([, value]) => value === "-drive"));
});

Deno.test("vmmLines() gives each kernel in turn its archive, its ACPI and its own words", () => {
  const lines = vmmLines(
    { ...settings, guest_kernel: "6.1+debian-6.1", aslr: "off" },
    undefined,
  );
  assertEquals(lines.find(([key]) => key === "vmm.kinds")?.[1], 2);
  const [own, debian] = [commandOf(0, lines), commandOf(1, lines)];
  assertEquals(valueOf("-initrd", own), "{root}/guest/initrd");
  assertEquals(valueOf("-initrd", debian), "{root}/guest/initrd-debian-6.1");
  assertStringIncludes(valueOf("-M", own)!, "acpi=off");
  assertStringIncludes(valueOf("-M", debian)!, "acpi=on");
  assert(valueOf("-append", own)!.endsWith(" norandmaps"));
  assert(valueOf("-append", debian)!.endsWith(" norandmaps nokaslr"));
  assertEquals(own.length, debian.length);
});

Deno.test("vmmLines() says nothing where workloads are plain processes", () => {
  assertEquals(vmmLines({ ...settings, carrier: "madvise" }, undefined), []);
});
