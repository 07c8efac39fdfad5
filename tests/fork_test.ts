// SPDX-License-Identifier: Apache-2.0
/** Arms that go on from one state are what they are when each is booted whole. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { reportNothing } from "../base/report.ts";
import { defaultSettings } from "../contract/settings.ts";
import type { PhaseName } from "../contract/phases.ts";
import { provideEmulated } from "../hosts/emulated/mod.ts";
import { withScratch } from "../store/cache.ts";
import { lab, recordsOf, removeRun, reportPath, runLine } from "./lab.ts";
import { type MachineState, readState } from "./state_file.ts";

async function smoke(...more: string[]) {
  const answer = await lab("run", "smoke", "--fresh", "--json", ...more);
  assertEquals(answer.status, 0, answer.stderr);
  return runLine(answer);
}

/** What the agent wrote until it was told the rest of its plan. */
function beforeFork(records: string): string[] {
  const lines = records.split("\n");
  const plans = lines.flatMap((line, at) => line.includes('"kind":"plan"') ? [at] : []);
  assertEquals(plans.length, 2);
  return lines.slice(0, plans[1]);
}

async function instructionsOf(run: string): Promise<number[]> {
  const { trials } = JSON.parse(await Deno.readTextFile(reportPath(run, "run.json")));
  return trials.map(({ instructions }: { instructions: number }) => instructions);
}

Deno.test("arms forked from one state have the records of arms that were booted whole", async () => {
  const forked = await smoke();
  const whole = await smoke("--no-fork");
  assertEquals([forked.digest, forked.reused, whole.reused], [whole.digest, 0, 0]);
  const records = await recordsOf(forked.run);
  assertEquals(records, await recordsOf(whole.run));
  assertEquals(await instructionsOf(forked.run), await instructionsOf(whole.run));

  /* Up to the fork the arms are one machine: same time, same counters, same of everything. */
  const [off, on] = records.map(beforeFork);
  assertEquals(off, on);
  assert(off!.some((line) => line.includes('"phase":"settle"')), "it forked too early");
  assertNotEquals(records[0], records[1]);
  for (const { run } of [forked, whole]) await removeRun(run);
});

Deno.test("a machine that is executed up to the fork twice is saved in the same state", async () => {
  const settings = { ...defaultSettings, workload: "pagecache", guests: 2 };
  const phases: PhaseName[] = ["boot", "load", "settle", "merge", "end"];
  const trial = { id: "fork-test", identity: "", block: 0, settings, phases };
  const { host } = await provideEmulated({
    ...{ settings: [settings], slots: 1, fork: true, report: reportNothing },
  });
  const never = new AbortController().signal;
  const save = (seed: number): Promise<MachineState> =>
    withScratch(`fork-test-${crypto.randomUUID().slice(0, 8)}`, async (dir) => {
      const path = join(dir, "state");
      const other = { ...trial, settings: { ...settings, seed } };
      const saved = await host.saveState(other, path, dir, never);
      assert(typeof saved === "object" && "path" in saved, JSON.stringify(saved));
      return await readState(path);
    });
  /* Side by side: they hold each other up, which must not show. */
  const [first, second, other] = await Promise.all([save(1), save(1), save(2)]);
  assert(first.pages.size > 10_000, `${first.pages.size} pages are not the memory of a host`);
  assertEquals(second.devices, first.devices);
  assertEquals(differing(first, second), []);

  assertNotEquals(other.devices, first.devices);
  assertNotEquals(differing(first, other), []);
});

/** Pages that one of the states has otherwise, or has alone. */
function differing(a: MachineState, b: MachineState): string[] {
  const all = new Set([...a.pages.keys(), ...b.pages.keys()]);
  return [...all].filter((key) => a.pages.get(key) !== b.pages.get(key));
}
