// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { kernelLines } from "../kernel/lines.ts";
import { objectionTo, readLevel } from "./setting.ts";
import { identityOf } from "./trial.ts";
import {
  defaultSettings,
  guestLinesOf,
  planValue,
  settingDeclarations,
  settingNames,
  settingOf,
  type Settings,
  toldSettings,
} from "./settings.ts";

Deno.test("guestLinesOf() takes a level of guest_kernel apart", () => {
  assertEquals(guestLinesOf("6.1"), ["6.1"]);
  assertEquals(guestLinesOf("6.1+6.12"), ["6.1", "6.12"]);
});

Deno.test("guest_kernel takes each line or all of them in turn, or two of them, the lab's own or Debian's, and nothing else", () => {
  const { guest_kernel } = settingDeclarations;
  const accepts = (level: string) => objectionTo(guest_kernel, level) === undefined;
  assertEquals(["6.1", "6.12", "6.1+6.12"].map(accepts), [true, true, true]);
  assertEquals(["debian-6.1", "debian-6.1+debian-6.12"].map(accepts), [true, true]);
  const all = kernelLines.join("+");
  assertEquals([all, `${kernelLines[0]}+${kernelLines.at(-1)}`].map(accepts), [true, true]);
  assertEquals(["6.1+6.1", "5.10", "", "+"].map(accepts), [false, false, false, false]);
});

Deno.test("objectionTo() names what is allowed, and what may have been meant", () => {
  const { arm, guests, guest_memory_mib, aslr, host_cpus, kernel } = settingDeclarations;
  const cases = [
    [objectionTo(arm, "onn"), '"onn" is not one of stock, off, on, map, flip; did you mean "on"?'],
    [objectionTo(arm, "zzzzzz"), '"zzzzzz" is not one of stock, off, on, map, flip'],
    [objectionTo(guests, 0), "0 is not a whole number from 1 to 64"],
    [objectionTo(guests, 1.5), "1.5 is not a whole number from 1 to 64"],
    [
      objectionTo(guests, "4"),
      '"4" is not a whole number from 1 to 64; did you mean 4, without quotes?',
    ],
    [objectionTo(guest_memory_mib, 9), "9 is not a whole number from 48 to 4096 (MiB)"],
    [objectionTo(aslr, true), 'true is not one of off, on; did you mean "on"?'],
    [objectionTo(aslr, "false"), '"false" is not one of off, on; did you mean "off"?'],
    [objectionTo(host_cpus, 3), "3 is not one of 1, 2, 4"],
    [objectionTo(host_cpus, "2"), '"2" is not one of 1, 2, 4; did you mean 2?'],
    [
      objectionTo(kernel, 6.12),
      `6.12 is not one of ${kernelLines.join(", ")}; did you mean "6.12"?`,
    ],
    [objectionTo(arm, null), "null is not one of stock, off, on, map, flip"],
    [objectionTo(settingDeclarations.workload, 3), "3 is not a name"],
  ];
  for (const [said, expected] of cases) assertEquals(said?.slice(0, expected!.length), expected);
});

Deno.test("readLevel() makes numbers where a level can be one, and leaves kernel lines as they are", () => {
  assertEquals(readLevel(settingDeclarations.guests, "4"), 4);
  assertEquals(readLevel(settingDeclarations.host_cpus, "2"), 2);
  assertEquals(readLevel(settingDeclarations.kernel, "6.1"), "6.1");
  assertEquals(readLevel(settingDeclarations.guests, "many"), "many");
});

Deno.test("every default is a level of its setting, and all but the workload have one", () => {
  for (const name of settingNames) {
    const setting = settingOf(name)!;
    if (!("default" in setting)) {
      assertEquals(name, "workload");
      continue;
    }
    assertEquals(objectionTo(setting, setting.default), undefined, name);
    assertEquals((defaultSettings as Record<string, unknown>)[name], setting.default);
  }
});

Deno.test("every setting says in a phrase what it is", () => {
  for (const name of settingNames) assert(/^\S.*[^.\s]$/.test(settingOf(name)!.description), name);
});

Deno.test("settingOf() knows settings and nothing that every object has", () => {
  assertEquals(settingOf("constructor"), undefined);
  assertEquals(settingOf("workload.pipes"), undefined);
});

Deno.test("planValue() turns switches into 1 and 0, and nothing else", () => {
  assertEquals([planValue("ksm", "on"), planValue("ksm", "off")], [1, 0]);
  assertEquals(planValue("smart_scan", "on"), "on");
  assertEquals(planValue("arm", "on"), "on");
  assertEquals(planValue("workload.pipes", 3), 3);
});

Deno.test("a young setting says nothing in identities and plans while it is as by default", () => {
  const settings: Settings = { ...defaultSettings, workload: "kernels" };
  const { cpu_model: _, ...before } = settings;
  assertEquals(toldSettings(settings), before as Settings);
  assertEquals(identityOf(settings, ["boot"], {}), identityOf(before as Settings, ["boot"], {}));
  const other: Settings = { ...settings, mmu: "ept", cpu_model: "skylake" };
  assertEquals(toldSettings(other), other);
});
