// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LabError } from "../base/errors.ts";
import type { Trial } from "../contract/trial.ts";
import { FakeHost, type FakeOptions, recordsOf } from "../hosts/fake.ts";
import { type Fleet, leased } from "../hosts/fleet.ts";
import { sharedFleet } from "../hosts/fleets/shared.ts";
import type { Display } from "./progress.ts";
import { readClosedRecords } from "./records.ts";
import { remainingTrials } from "./resume.ts";
import { RunFolder } from "./run_folder.ts";
import { schedule, unitsOf } from "./schedule.ts";
import { inputs, measureElsewhere, type TestRun, withRun } from "./testdata/run.ts";
import { findTrial } from "./trial_store.ts";

const quiet = (said: string[]): Display => ({
  say: (line) => void said.push(line),
  draw: () => {},
  close: () => {},
});

/** Carries out all trials of the run on a fleet. */
async function scheduleOn(
  fleet: Fleet,
  { folder, trials, said }: TestRun,
  { signal = new AbortController().signal, onEnded = () => Promise.resolve(), strict = false } = {},
): Promise<void> {
  await schedule(trials, folder, { fleet, display: quiet(said), signal, onEnded, strict });
}

const statuses = ({ record }: RunFolder) => record.trials.map(({ status }) => status);

Deno.test("schedule() carries out the trials in the order of the plan and keeps their records", () =>
  withRun(
    async (run) => {
      const host = new FakeHost();
      await scheduleOn(sharedFleet(host, 1), run);
      assertEquals(host.begun, run.trials.map(({ id }) => id));
      const again = await RunFolder.open(run.folder.dir);
      assertEquals(statuses(again), ["done", "done", "done", "done"]);
      for (const [at, entry] of again.record.trials.entries()) {
        const kept = await readClosedRecords(again.recordsPath(entry));
        assertEquals(new TextDecoder().decode(kept), recordsOf(run.trials[at]!));
        assertEquals(Object.keys(entry.phases_wall_s), ["start", ...run.trials[at]!.phases]);
        assertEquals(entry.instructions, 1000);
        assert(await findTrial(run.trials[at]!, () => {}) !== undefined);
      }
    },
    {},
    2,
  ));

Deno.test("schedule() has as many trials at a time as the fleet has slots, and no more", () =>
  withRun(
    async (run) => {
      const host = new FakeHost({ takes_ms: 20 });
      await scheduleOn(sharedFleet(host, 3), run);
      assertEquals(host.mostAtOnce, 3);
      assertEquals(statuses(run.folder), run.trials.map(() => "done"));
    },
    {},
    4,
  ));

Deno.test("a trial that fails is recorded with its reason and does not stop the others", () =>
  withRun(
    async (run) => {
      const second = run.trials[1]!.id;
      const host = new FakeHost({ script: ({ id }) => id === second ? "failed" : "done" });
      await scheduleOn(sharedFleet(host, 1), run);
      assertEquals(statuses(run.folder), ["done", "failed", "done", "done"]);
      const entry = run.folder.record.trials[1]!;
      assertStringIncludes(entry.reason!, "guest 0 did not answer");
      assertEquals(entry.digest, null);
      assertEquals(await readClosedRecords(run.folder.recordsPath(entry)), undefined);
      assertStringIncludes(
        await Deno.readTextFile(run.folder.recordsPath(entry)),
        '"phase":"boot"',
      );
      assertEquals(await findTrial(run.trials[1]!, () => {}), undefined);
    },
    {},
    2,
  ));

Deno.test("a host that gives what are no records is not believed", () =>
  withRun(async (run) => {
    await scheduleOn(sharedFleet(new FakeHost({ script: () => "garbage" }), 1), run);
    assertEquals(statuses(run.folder), ["failed", "failed"]);
    assertStringIncludes(run.folder.record.trials[0]!.reason!, 'the field "kind" is missing');
  }));

Deno.test("an interrupted run leaves the trial that ran waiting, and begins no other", () =>
  withRun(
    async (run) => {
      const [first, second] = run.trials;
      const interrupted = new AbortController();
      const host = new FakeHost({ script: ({ id }) => id === second!.id ? "endless" : "done" });
      await scheduleOn(sharedFleet(host, 1), run, {
        signal: interrupted.signal,
        onEnded: () => {
          setTimeout(() => interrupted.abort(), 20);
          return Promise.resolve();
        },
      });
      assertEquals(host.begun, [first!.id, second!.id]);
      const again = await RunFolder.open(run.folder.dir);
      assertEquals(statuses(again), ["done", "waiting", "waiting", "waiting"]);
    },
    {},
    2,
  ));

Deno.test("a trial whose host was lost is carried out on another", () =>
  withRun(async (run) => {
    const host = new FakeHost({ script: (_, attempt) => attempt === 1 ? "lost" : "done" });
    await scheduleOn(sharedFleet(host, 1), run);
    const [first, second] = run.trials;
    assertEquals(host.begun, [first!.id, first!.id, second!.id, second!.id]);
    assertEquals(statuses(run.folder), ["done", "done"]);
    assertStringIncludes(run.said.join("\n"), "it does not answer");
  }));

Deno.test("schedule() gives up on a trial for which one host after the other is lost", () =>
  withRun(async (run) => {
    const host = new FakeHost({ script: () => "lost" });
    const error = await assertRejects(() => scheduleOn(sharedFleet(host, 1), run), LabError);
    assertStringIncludes(error.message, "3 hosts were lost");
    assertEquals(statuses(run.folder), ["waiting", "waiting"]);
    assertEquals(host.begun.length, 3);
  }));

Deno.test("a host that lies about an exact trial is found out, and neither result is believed", () =>
  withRun(async (run) => {
    const [first] = run.trials;
    await scheduleOn(sharedFleet(new FakeHost(), 1), { ...run, trials: [first!] });
    run.folder.record.trials[0]!.status = "waiting";
    const liar = new FakeHost({ script: () => "lies" });
    await scheduleOn(sharedFleet(liar, 1), { ...run, trials: [first!] });
    const [entry] = run.folder.record.trials;
    assertEquals(entry!.status, "failed");
    assertStringIncludes(entry!.reason!, "which an exact one never does");
    assertStringIncludes(entry!.reason!, "field count: was 1, is 2");
    assertEquals(await findTrial(first!, () => {}), undefined);
  }));

Deno.test("what was measured on hardware is not kept for other runs, and may differ", () =>
  withRun(async (run) => {
    await measureElsewhere(run.trials[0]!);
    const host = new FakeHost({ exact: false });
    await scheduleOn(sharedFleet(host, 1), run);
    assertEquals(statuses(run.folder), ["done", "done"]);
    assertEquals((await findTrial(run.trials[0]!, () => {}))?.origin.run, "pair-1");
  }, { mode: "hardware" }));

/** Each lease is another machine, as with real hosts; says which trial ran where. */
function machines(
  options: FakeOptions,
): { fleet: Fleet; leases: { block: number; host: FakeHost }[] } {
  const leases: { block: number; host: FakeHost }[] = [];
  const fleet: Fleet = {
    ...{ slots: 2, exact: options.exact ?? true },
    ready: () => Promise.resolve(),
    close: () => Promise.resolve(),
    lease(block) {
      const host = new FakeHost({ ...options, name: `machine ${leases.length + 1}` });
      leases.push({ block, host });
      return Promise.resolve(leased(host, () => Promise.resolve()));
    },
  };
  return { fleet, leases };
}

Deno.test("where time is measured the arms of a block share a machine", () =>
  withRun(
    async (run) => {
      const { fleet, leases } = machines({ exact: false, takes_ms: 5 });
      await scheduleOn(fleet, run);
      assertEquals(leases.map(({ block }) => block), [0, 1, 2]);
      for (const { block, host } of leases) {
        const ofBlock = run.trials.filter((trial) => trial.block === block).map(({ id }) => id);
        assertEquals(host.begun, ofBlock);
      }
    },
    { mode: "hardware" },
    3,
  ));

Deno.test("a block whose machine is lost is measured anew on one other machine, both arms", () =>
  withRun(async (run) => {
    let lost = false;
    const { fleet, leases } = machines({
      exact: false,
      script: ({ id }) => {
        if (lost || id !== run.trials[1]!.id) return "done";
        lost = true;
        return "lost";
      },
    });
    await scheduleOn(fleet, run);
    assertEquals(leases.map(({ host }) => host.begun.length), [2, 2]);
    assertEquals(statuses(run.folder), ["done", "done"]);
  }, { mode: "hardware" }));

Deno.test("unitsOf() leaves exact trials apart and keeps measured blocks together", () => {
  const trials = [0, 0, 1, 1].map((block, at) => ({ id: `${at}`, block }) as Trial);
  assertEquals(unitsOf(trials, { exact: true }).map((unit) => unit.length), [1, 1, 1, 1]);
  assertEquals(unitsOf(trials, { exact: false }).map((unit) => unit.length), [2, 2]);
});

Deno.test("where no trial may fail the first that does is the last, and all others wait", () =>
  withRun(
    async (run) => {
      const second = run.trials[1]!.id;
      const host = new FakeHost({ script: ({ id }) => id === second ? "failed" : "done" });
      await scheduleOn(sharedFleet(host, 1), run, { strict: true });
      assertEquals(host.begun.length, 2);
      assertEquals(statuses(run.folder), ["done", "failed", "waiting", "waiting"]);
    },
    {},
    2,
  ));

Deno.test("where no trial may fail those that run beside the one that does are carried out", () =>
  withRun(
    async (run) => {
      const first = run.trials[0]!.id;
      const host = new FakeHost({
        ...{ script: ({ id }) => id === first ? "failed" : "done", takes_ms: 20 },
      });
      await scheduleOn(sharedFleet(host, 2), run, { strict: true });
      assertEquals(host.begun.length, 2);
      assertEquals(statuses(run.folder), ["failed", "done", "waiting", "waiting"]);
    },
    {},
    2,
  ));

Deno.test("schedule() marks a trial that was disturbed, and says on which host, how often and what to do", () =>
  withRun(
    async (run) => {
      const script = (_: Trial, attempt: number) => attempt === 1 ? "disturbed" as const : "done";
      const host = new FakeHost({ name: "metal1", exact: false, script });
      await scheduleOn(sharedFleet(host, 1), run);
      const again = await RunFolder.open(run.folder.dir);
      const words = [
        "its CPUs were slowed down for their heat (counted: 3)",
        "20 ms of its CPUs' time were stolen by another machine",
      ];
      assertEquals(again.record.trials.map(({ disturbed }) => disturbed), [words, words]);
      assertEquals(statuses(again), ["done", "done"]);
      const warnings = run.said.filter((line) => line.startsWith("Warning:"));
      assertEquals(warnings.length, 2);
      assertStringIncludes(
        warnings[0]!,
        `was disturbed on metal1: ${words.join("; ")}. Let the host cool`,
      );
      /* Should run.json be lost: the records tell it again. */
      const [trial] = run.trials;
      const entry = again.entry(trial!.id);
      Object.assign(entry, { status: "waiting" });
      delete entry.disturbed;
      assertEquals(await remainingTrials(again, run.trials, inputs, () => {}), []);
      assertEquals(entry.disturbed, words);
    },
    { mode: "hardware" },
  ));
