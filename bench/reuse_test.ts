// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { sha256 } from "../base/digest.ts";
import { reuseTrials } from "./reuse.ts";
import { measureElsewhere, recordsFor, withRun } from "./testdata/run.ts";

Deno.test("reuseTrials() takes a trial that another run has measured, and says from which", () =>
  withRun(async ({ folder, trials, said, report }) => {
    await measureElsewhere(trials[0]!);
    const left = await reuseTrials(folder, trials, report);
    assertEquals(left, [trials[1]!]);
    const [taken, waiting] = folder.record.trials;
    assertEquals([taken!.status, taken!.reused_from, taken!.wall_s], ["done", "pair-1", 10]);
    assertEquals(taken!.digest, sha256(recordsFor(trials[0]!)));
    assertEquals([waiting!.status, waiting!.reused_from], ["waiting", null]);
    assertStringIncludes(said.join("\n"), "1 of 2 trials were measured before, in pair-1");
  }));

Deno.test("reuseTrials() names a damaged trial and leaves it to be measured", () =>
  withRun(async ({ folder, trials, said, report }) => {
    await measureElsewhere(trials[0]!);
    const path = join(cacheRoot(), "trial", trials[0]!.identity, "records.jsonl");
    const records = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, records.replace('"count":1', '"count":2'));
    assertEquals(await reuseTrials(folder, trials, report), trials);
    assertStringIncludes(said[0]!, "records.jsonl has other content");
    assertStringIncludes(said[0]!, `the trial is carried out again`);
  }));

Deno.test("reuseTrials() of a fresh run takes only what that run has measured itself", () =>
  withRun(async ({ folder, trials, report }) => {
    await measureElsewhere(trials[0]!, "pair-1");
    await measureElsewhere(trials[1]!, "pair-1");
    await measureElsewhere(trials[1]!, folder.record.run);
    assertEquals(await reuseTrials(folder, trials, report), [trials[0]!]);
    assertEquals(folder.record.trials.map(({ reused_from }) => reused_from), [null, null]);
  }, { fresh: true }));

Deno.test("reuseTrials() of a drifted run takes nothing", () =>
  withRun(async ({ folder, trials, report }) => {
    await measureElsewhere(trials[0]!);
    assertEquals(await reuseTrials(folder, trials, report), trials);
  }, { drift: true }));
