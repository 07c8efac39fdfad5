// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { writeRecords } from "./records.ts";
import { remainingTrials } from "./resume.ts";
import { RunFolder } from "./run_folder.ts";
import { finish, inputs, recordsFor, withRun } from "./testdata/run.ts";

Deno.test("remainingTrials() leaves out what is finished", () =>
  withRun(async ({ folder, trials, report }) => {
    await finish(folder, trials[0]!);
    const again = await RunFolder.open(folder.dir);
    assertEquals(await remainingTrials(again, trials, inputs, report), [trials[1]!]);
  }));

Deno.test("remainingTrials() takes a trial that was written before the lab was killed", () =>
  withRun(async ({ folder, trials, report }) => {
    const path = folder.recordsPath(folder.record.trials[0]!);
    const { digest } = await writeRecords(path, recordsFor(trials[0]!), true);
    const again = await RunFolder.open(folder.dir);
    assertEquals(await remainingTrials(again, trials, inputs, report), [trials[1]!]);
    assertEquals([again.record.trials[0]!.status, again.record.trials[0]!.digest], [
      "done",
      digest,
    ]);
  }));

Deno.test("remainingTrials() names truncated records and does that trial again", () =>
  withRun(async ({ folder, trials, said, report }) => {
    for (const trial of trials) await finish(folder, trial);
    await Deno.truncate(folder.recordsPath(folder.record.trials[1]!), 20);
    assertEquals(await remainingTrials(folder, trials, inputs, report), [trials[1]!]);
    assertStringIncludes(said.join(), `${trials[1]!.id} is done again`);
    assertEquals(said.length, 1);
  }));

Deno.test("remainingTrials() names whole records that are not those of run.json", () =>
  withRun(async ({ folder, trials, said, report }) => {
    for (const trial of trials) await finish(folder, trial);
    const path = folder.recordsPath(folder.record.trials[0]!);
    await writeRecords(path, recordsFor(trials[0]!, 99), true);
    assertEquals(await remainingTrials(folder, trials, inputs, report), [trials[0]!]);
    assertStringIncludes(said.join(), "other records than run.json says");
  }));

Deno.test("remainingTrials() refuses when an input has changed, and names it", () =>
  withRun(async ({ folder, trials, report }) => {
    const others = trials.map((trial) => ({ ...trial, identity: `${trial.identity}x` }));
    const changed = { kernel: { digest: "other", version: "6.12" } };
    await assertRejects(
      () => remainingTrials(folder, others, changed, report),
      LabError,
      "kernel: was 6.1 (k), is 6.12 (other)",
    );
  }));

for (
  const [damage, change] of [
    ["truncated", (text: string) => text.slice(0, text.length / 2)],
    ["garbled", (text: string) => text.replace('"seed": 1', '"seed": 7')],
    ["empty", () => ""],
  ] as const
) {
  Deno.test(`RunFolder.openOrRepair() goes on from a run.json that is ${damage}`, () =>
    withRun(async ({ folder, trials, said, report }) => {
      for (const trial of trials) await finish(folder, trial);
      const path = join(folder.dir, "run.json");
      await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
      await assertRejects(() => RunFolder.open(folder.dir), LabError, "run.json");
      const repaired = await RunFolder.openOrRepair(folder.dir, report);
      assertStringIncludes(said.join(), "asked.json");
      assertEquals(await remainingTrials(repaired, trials, inputs, report), []);
      assertEquals(
        repaired.record.trials.map(({ digest }) => digest),
        folder.record.trials.map(({ digest }) => digest),
      );
    }));
}
