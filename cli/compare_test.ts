// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { type SyntheticTrial, writeSyntheticRun } from "../analysis/testdata/synthetic.ts";
import { reportsDir } from "../bench/run_folder.ts";
import { compare, type CompareRequest } from "./compare.ts";

const OFF = { workload: "pagecache", arm: "off", seed: 1, readRefaults: 40 };

/** Exit status of comparing runs, one of each of these trials. */
async function statusOf(trials: SyntheticTrial[], failOn: string[] = []): Promise<number> {
  const dir = await Deno.makeTempDir();
  const { log, error } = console;
  console.log = console.error = () => {};
  const page = join(
    reportsDir,
    `compare${"-synthetic-20260101-000000".repeat(trials.length)}.html`,
  );
  try {
    const runs = trials.map((_, at) => join(dir, `${at}`));
    for (const [at, trial] of trials.entries()) await writeSyntheticRun(runs[at]!, [trial]);
    const request: CompareRequest = { runs, failOn, json: true };
    const status = await compare(request);
    assert((await Deno.stat(page)).size > 5000);
    return status;
  } finally {
    Object.assign(console, { log, error });
    await Deno.remove(page).catch(() => {});
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("compare() ends with 0 for identical runs, however long they took", async () => {
  assertEquals(await statusOf([OFF, { ...OFF, wall_s: 99, phaseWall_s: 5 }]), 0);
});

Deno.test("compare() ends with 1 where a number differs in any of several runs", async () => {
  assertEquals(await statusOf([OFF, OFF, { ...OFF, readRefaults: 41 }]), 1);
});

Deno.test("compare() with conditions ends with 1 only where one of them holds", async () => {
  const runs = [OFF, { ...OFF, readRefaults: 41 }];
  assertEquals(await statusOf(runs, ["refaults > 5%"]), 0);
  assertEquals(await statusOf(runs, ["refaults > 5%", "refaults > 2%"]), 1);
});
