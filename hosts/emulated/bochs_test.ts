// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { defaultSettings, type Settings } from "../../contract/settings.ts";
import { bochsOptions, bochsPlanLines } from "./bochs.ts";
import { prefixOf } from "./fork.ts";
import { emulatorOf } from "./host_boot.ts";
import { machineFor, machineOf } from "./machine.ts";
import { objectionTo } from "./objection.ts";

const settings: Settings = { ...defaultSettings, workload: "kernels", mmu: "ept" };
const with_ = (changed: Partial<Settings>) => ({ ...settings, ...changed }) as Settings;
const boot = { ...machineFor(settings, 0), vmlinux: "kernel", initrd: "image", purpose: "test" };
const files = { image: "ram", rom: "rom", screenRom: "none" };

Deno.test("machineOf() is another machine for each way of mapping memory and each processor", () => {
  const machines = [
    ...[{}, { mmu: "ept-noad" }, { mmu: "shadow-vmx" }, { mmu: "npt-bochs" }, {
      mmu: "npt",
    }] as const,
    ...[{ cpu_model: "skylake" }, { host_cpus: 2 }, { seed: 2 }, { swap_mib: 8 }] as const,
  ].map((changed) => machineOf(with_(changed), 0).join("\n"));
  assertEquals(new Set(machines).size, machines.length);
  assertEquals(machines[0], machineOf(with_({ cpu_model: "haswell" }), 0).join("\n"));
  assertNotEquals(emulatorOf({ mmu: "npt-bochs" }), emulatorOf({ mmu: "npt" }));
});

Deno.test("bochsOptions() quote paths, and refuse what would end the quotation", () => {
  const lines = (consoleFile: string) =>
    bochsOptions(boot, { ...files, output: "a,b", consoleFile });
  assert(lines("c").some((line) => line.endsWith('shared="a,b"')), lines("c").join("\n"));
  assertThrows(() => lines('"'), LabError, "cannot read the path");
});

Deno.test("bochsPlanLines() name the end of memory, where records leave", () => {
  const [output] = bochsPlanLines({ memory_mib: 448, outputRoom_mib: 64 });
  assertEquals(output, ["output", `physical:${448 * 2 ** 20},${64 * 2 ** 20}`]);
});

Deno.test("trials in Bochs are booted whole, and what it cannot do is said beforehand", () => {
  const phases = ["boot", "load", "settle", "merge", "touch", "end"] as const;
  assertEquals(prefixOf({ settings, phases }, {}), undefined);
  assertNotEquals(prefixOf({ settings: with_({ mmu: "npt" }), phases }, {}), undefined);
  assertEquals(objectionTo(settings), undefined);
  const turns = objectionTo(with_({ host_cpus: 2, turn_seed: 7 }));
  assert(turns?.includes("leave turn and turn_seed"), turns);
  const large = objectionTo(with_({ host_memory_mib: 4096 }));
  assert(large?.includes("2048 MiB of memory at the most"), large);
});
