// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { defaultSettings, type Settings } from "../../contract/settings.ts";
import type { HostBoot } from "./host_boot.ts";
import { machineFor, machineOf } from "./machine.ts";
import { qemuArguments } from "./qemu.ts";

const settings: Settings = { ...defaultSettings, workload: "kernels" };
const image_bytes = 8 * 2 ** 20;

function argumentsFor(changed: Partial<Settings>, more: Partial<HostBoot> = {}): string[] {
  return qemuArguments({
    ...machineFor({ ...settings, ...changed } as Settings, image_bytes),
    emulator: { qemu: "qemu", firmwareDir: "firmware" },
    ...{ vmlinux: "kernel", initrd: "image", purpose: "test", ...more },
  }, { output: "output", consoleFile: "console" });
}

/** What follows an option: once for each time that it is there. */
function valuesOf(option: string, all: readonly string[]): string[] {
  return all.flatMap((text, at) => text === option ? [all[at + 1]!] : []);
}

Deno.test("qemuArguments() give the host as many CPUs as it is to have, one a package", () => {
  const smp = (host_cpus: Settings["host_cpus"]) => valuesOf("-smp", argumentsFor({ host_cpus }));
  assertEquals([smp(1), smp(2), smp(4)], [["1"], ["2,sockets=2"], ["4,sockets=4"]]);
});

Deno.test("qemuArguments() say how turns are taken where there is somebody to take turns with", () => {
  const icount = (changed: Partial<Settings>) => valuesOf("-icount", argumentsFor(changed))[0];
  const counted = "shift=3,sleep=off";
  assertEquals(icount({ turn: 1000, turn_seed: 7 }), counted);
  assertEquals(icount({ host_cpus: 2 }), `${counted},turn=5000`);
  assertEquals(icount({ host_cpus: 2, turn_seed: 7 }), `${counted},turn=5000,turn-seed=7`);
  assertEquals(
    icount({ host_cpus: 4, turn: 1000, turn_seed: 8 }),
    `${counted},turn=1000,turn-seed=8`,
  );
});

Deno.test("qemuArguments() have the device for checkpoints in each machine, and a state in one that goes on", () => {
  const device = (more: Partial<HostBoot>) =>
    valuesOf("-device", argumentsFor({}, more)).find((text) => text.startsWith("lab-checkpoint"));
  assertEquals(device({}), "lab-checkpoint");
  assertEquals(device({ restOfPlan: "plan" }), "lab-checkpoint,plan=plan");
  assertEquals(
    device({ restOfPlan: "plan", saveTo: "state" }),
    "lab-checkpoint,plan=plan,file=state",
  );
  assertEquals(valuesOf("-incoming", argumentsFor({})), []);
  assertEquals(
    valuesOf("-incoming", argumentsFor({}, { goOnFrom: "/there/state" })),
    ["file:/there/state"],
  );
});

Deno.test("qemuArguments() keep a comma in a path within the path", () => {
  const all = argumentsFor({}, { restOfPlan: "/a,b/plan", saveTo: "/a,b/state" });
  assert(
    valuesOf("-device", all).includes("lab-checkpoint,plan=/a,,b/plan,file=/a,,b/state"),
    all.join(" "),
  );
});

Deno.test("machineOf() differs where settings make another machine, and not by the switch", () => {
  const machine = (changed: Partial<Settings>) =>
    machineOf({ ...settings, ...changed } as Settings, image_bytes);
  assertEquals(machine({ arm: "on" }), machine({ arm: "off" }));
  const others: Partial<Settings>[] = [
    ...[{ host_cpus: 2 }, { host_cpus: 4 }, { host_cpus: 2, turn: 1000 }] as const,
    ...[{ host_cpus: 2, turn_seed: 1 }, { mmu: "shadow" }, { seed: 2 }] as const,
  ];
  const all = [{}, ...others].map((changed) => machine(changed).join(" "));
  assertEquals(new Set(all).size, all.length);
  assertNotEquals(all[0], all[1]);
});
