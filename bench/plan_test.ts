// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { checkExperiment } from "./experiment.ts";
import { emulatedPlan } from "../hosts/emulated/plan_archive.ts";
import { identityOf } from "../contract/trial.ts";
import { hostMemory_mib } from "../hosts/emulated/memory.ts";
import { plan } from "./plan.ts";

const experiment = await checkExperiment("x", {
  title: "t",
  question: "q?",
  factors: { workload: ["kernels", "libraries"], arm: ["off", "on"], seed: [1, 2] },
});
const inputs = () => ({ kernel: "k", emulator: "e" });

Deno.test("plan() interleaves the arms of each block and reverses them in every other", () => {
  const trials = plan(experiment, inputs);
  assertEquals(trials.map(({ settings, block }) => `${block} ${settings.seed} ${settings.arm}`), [
    "0 1 off",
    "0 1 on",
    "1 1 on",
    "1 1 off",
    "2 2 off",
    "2 2 on",
    "3 2 on",
    "3 2 off",
  ]);
});

Deno.test("plan() gives each trial a name of its own", () => {
  const ids = plan(experiment, inputs).map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("identityOf() depends on settings, phases and inputs, not on the order of keys", () => {
  const [trial] = plan(experiment, inputs);
  const { settings, phases } = trial!;
  const same = identityOf(
    Object.fromEntries(Object.entries(settings).reverse()) as typeof settings,
    phases,
    { emulator: "e", kernel: "k" },
  );
  assertEquals(same, trial!.identity);
  assertNotEquals(identityOf({ ...settings, seed: 9 }, phases, inputs()), same);
  assertNotEquals(identityOf(settings, phases.slice(1), inputs()), same);
  assertNotEquals(identityOf(settings, phases, { emulator: "e", kernel: "other" }), same);
});

Deno.test("emulatedPlan() says before the fork what acts before it, and the rest at the fork", () => {
  const { first, rest } = emulatedPlan(plan(experiment, inputs)[0]!, { disk: "/disk.erofs" }, 0);
  assertStringIncludes(first, "\naslr 1\n");
  assertStringIncludes(first, "\nphases boot,load,settle\n");
  assertStringIncludes(first, "\nfork_after settle\n");
  assertStringIncludes(first, "\ndisk /disk.erofs\n");
  assertStringIncludes(first, "\nvmm.argument {root}/vmm\n");
  assertEquals(/^(arm|pages_to_scan) /m.test(first), false);
  assertStringIncludes(rest, "arm off\n");
  assertStringIncludes(rest, "\nphases boot,load,settle,merge,touch,end\n");
  assertEquals(/^(aslr|guests|vmm.argument) /m.test(rest), false);
});

Deno.test("hostMemory_mib() is what was set, or enough for all guests", () => {
  const { settings } = plan(experiment, inputs)[0]!;
  assertEquals(hostMemory_mib({ ...settings, host_memory_mib: 300 }, 0), 300);
  assertEquals(hostMemory_mib({ ...settings, host_memory_mib: 300, swap_mib: 64 }, 0), 364);
  const four = hostMemory_mib({ ...settings, guests: 4 }, 32 * 2 ** 20);
  assert(four >= 4 * settings.guest_memory_mib + 64);
  assertEquals(four % 64, 0);
  assert(hostMemory_mib({ ...settings, guests: 8 }, 32 * 2 ** 20) > four);
});
