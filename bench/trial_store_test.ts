// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { measureElsewhere, recordsFor, withRun } from "./testdata/run.ts";
import { findTrial } from "./trial_store.ts";

Deno.test("findTrial() gives what keepTrial() kept, with where it comes from", () =>
  withRun(async ({ trials: [trial], report }) => {
    assertEquals(await findTrial(trial!, report), undefined);
    await measureElsewhere(trial!, "pair-7");
    const found = await findTrial(trial!, report);
    assertEquals(found?.records, recordsFor(trial!));
    assertEquals(found?.origin.run, "pair-7");
  }));

Deno.test("keepTrial() keeps the run that measured a trial last", () =>
  withRun(async ({ trials: [trial], report }) => {
    for (const run of ["pair-1", "pair-2"]) await measureElsewhere(trial!, run);
    assertEquals((await findTrial(trial!, report))?.origin.run, "pair-2");
  }));

Deno.test("keepTrial() forgets a trial that gives other records than before, and says what differs", () =>
  withRun(async ({ trials: [trial] }) => {
    assertEquals(await measureElsewhere(trial!), undefined);
    assertEquals(await measureElsewhere(trial!), undefined);
    const difference = await measureElsewhere(trial!, "pair-3", 2);
    assert(difference?.includes("field count: was 1, is 2"), difference);
    assertEquals(await findTrial(trial!, () => {}), undefined);
  }));

Deno.test("findTrial() names a stored trial whose records were cut, and does without it", () =>
  withRun(async ({ trials: [trial], said, report }) => {
    await measureElsewhere(trial!);
    const path = join(cacheRoot(), "trial", trial!.identity, "records.jsonl");
    await Deno.truncate(path, 30);
    assertEquals(await findTrial(trial!, report), undefined);
    assertStringIncludes(said.join("\n"), "the trial is carried out again");
  }));
