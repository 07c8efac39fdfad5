// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { PhaseName } from "../../contract/phases.ts";
import {
  defaultSettings,
  settingNames,
  settingOf,
  type Settings,
} from "../../contract/settings.ts";
import { forkAfter, forkObjection, prefixOf, settingsBehind } from "./fork.ts";

const settings: Settings = { ...defaultSettings, workload: "kernels", "workload.pages": 100 };
const phases: PhaseName[] = ["boot", "load", "settle", "merge", "touch", "end"];
const inputs = { kernel: "1", emulator: "2", firmware: "3", image: "4", machine: "5" };

function identityWith(changed: Partial<Settings>, others: Partial<typeof inputs> = {}) {
  return prefixOf({ settings: { ...settings, ...changed } as Settings, phases }, {
    ...inputs,
    ...others,
  })
    ?.identity;
}

Deno.test("trials that differ only in what acts after settle have one prefix", () => {
  const same = identityWith({});
  assert(same !== undefined);
  const behind: Partial<Settings>[] = [
    ...[{ arm: "on" }, { arm: "flip" }, { pages_to_scan: 7 }, { ksm: "off" }] as const,
    ...[{ touch_rounds: 9 }, { live: "on" }, { smart_scan: "off" }] as const,
  ];
  for (const changed of behind) assertEquals(identityWith(changed), same, JSON.stringify(changed));
});

Deno.test("what acts before, what a workload is told, and each input make another prefix", () => {
  const before: Partial<Settings>[] = [
    ...[{ seed: 2 }, { guests: 5 }, { host_cpus: 2 }, { turn_seed: 3 }] as const,
    ...[{ observe: "trace" }, { "workload.pages": 101 }, { rewrite_permille: 5 }] as const,
  ];
  const all = [identityWith({}), ...before.map((changed) => identityWith(changed))];
  for (const name of Object.keys(inputs)) all.push(identityWith({}, { [name]: "other" }));
  assertEquals(new Set(all).size, 1 + before.length + Object.keys(inputs).length);
});

Deno.test("prefixOf() leaves to the prefix the phases up to settle, and to the rest all others", () => {
  const prefix = prefixOf({ settings, phases }, inputs)!;
  assertEquals(prefix.phases, ["boot", "load", "settle"]);
  assertEquals(prefix.phases.at(-1), forkAfter);
  const longer = { settings, phases: [...phases.slice(0, 4), "census" as const, "end" as const] };
  assertEquals(prefixOf(longer, inputs)!.identity, prefix.identity);
  const earlier = { settings, phases: ["boot" as const, ...phases.slice(2)] };
  assertNotEquals(prefixOf(earlier, inputs)!.identity, prefix.identity);
});

Deno.test("each setting is told before the fork or behind it, and never twice", () => {
  const before = Object.keys(prefixOf({ settings, phases }, inputs)!.settings);
  const behind = Object.keys(settingsBehind(settings));
  assertEquals([...before, ...behind].sort(), Object.keys(settings).sort());
  for (const name of settingNames) {
    assertEquals(behind.includes(name), settingOf(name)!.after === "settle", name);
  }
  assert(before.includes("workload.pages"));
});

Deno.test("forkObjection() says which trials cannot go on from a state, and why", () => {
  assertEquals(forkObjection({ phases }), undefined);
  assertEquals(forkObjection({ phases: ["boot", "load", "end"] }), "it has no phase settle");
  const growing: PhaseName[] = ["boot", "load", "settle", "grow", "end"];
  assertEquals(forkObjection({ phases: growing }), "its guests come one by one, in the phase grow");
  assertEquals(prefixOf({ settings, phases: growing }, inputs), undefined);
});
