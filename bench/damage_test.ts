// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { findDamage } from "./damage.ts";
import { writeRecords } from "./records.ts";
import { finish, recordsFor, withRun } from "./testdata/run.ts";

Deno.test("findDamage() finds none in a finished run", () =>
  withRun(async ({ folder, trials }) => {
    for (const trial of trials) await finish(folder, trial);
    await folder.finish(new Date());
    assertEquals(await findDamage(folder), []);
  }));

Deno.test("findDamage() names trials whose records are lost, others, or not there yet", () =>
  withRun(async ({ folder, trials }) => {
    const [first, second] = folder.record.trials;
    await finish(folder, trials[0]!);
    assertEquals(await findDamage(folder), [
      { what: second!.id, damage: "the trial is waiting" },
    ]);
    await finish(folder, trials[1]!);
    await Deno.truncate(folder.recordsPath(first!), 10);
    await writeRecords(folder.recordsPath(second!), recordsFor(trials[1]!, 2), true);
    assertEquals(await findDamage(folder), [
      { what: first!.id, damage: `${first!.records} is missing, unfinished or damaged` },
      { what: second!.id, damage: "its records are not those of run.json" },
    ]);
  }));

Deno.test("findDamage() checks the run's own digest", () =>
  withRun(async ({ folder, trials }) => {
    for (const trial of trials) await finish(folder, trial);
    folder.record.digest = "0".repeat(64);
    const [damage] = await findDamage(folder);
    assertEquals(damage, { what: "pair-2", damage: "its digest is not that of its trials" });
  }));
