// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { reportsDir } from "../bench/run_folder.ts";
import { madeUpRun } from "../contract/testdata/run_file.ts";
import { writeRunFile } from "../contract/run_file.ts";
import { rm } from "./rm.ts";
import { stateOf } from "./runs.ts";
import { folderSize_bytes, inMiB } from "./sizes.ts";

Deno.test("stateOf() says how far a run came", () => {
  const run = madeUpRun();
  const [trial] = run.trials;
  const state = (finished: string | null, ...all: ("done" | "failed" | "waiting")[]) =>
    stateOf({ finished, trials: all.map((status) => ({ ...trial!, status })) });
  assertEquals(state("2026", "done", "done"), "done");
  assertEquals(state("2026", "done", "failed"), "1 failed");
  assertEquals(state(null, "done", "waiting"), "1 of 2 trials");
});

Deno.test("rm() removes a run of reports/ and nothing else", async () => {
  const name = `made-up-${crypto.randomUUID().slice(0, 8)}-20200101-000000`;
  const dir = join(reportsDir, name);
  await Deno.mkdir(dir, { recursive: true });
  try {
    await writeRunFile(join(dir, "run.json"), madeUpRun({ run: name }));
    await assertRejects(() => rm({ runs: ["reference"], yes: true }), LabError);
    const elsewhere = await Deno.makeTempDir();
    await writeRunFile(join(elsewhere, "run.json"), madeUpRun());
    await assertRejects(() => rm({ runs: [elsewhere], yes: true }), LabError, "not in reports/");
    assertEquals(await exists(elsewhere), true);
    assertEquals(await rm({ runs: [name.slice(0, 16)], yes: true }), 0);
    assertEquals(await exists(dir), false);
    await Deno.remove(elsewhere, { recursive: true });
  } finally {
    await Deno.remove(dir, { recursive: true }).catch(() => {});
  }
});

Deno.test("folderSize_bytes() sums up what lies below", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.mkdir(join(dir, "a"));
  await Deno.writeTextFile(join(dir, "a/b"), "12345");
  await Deno.writeTextFile(join(dir, "c"), "1");
  assertEquals(await folderSize_bytes(dir), 6);
  assertEquals(await folderSize_bytes(join(dir, "none")), 0);
  assertEquals([inMiB(2 ** 20), inMiB(500 * 2 ** 20)], ["1.0 MiB", "500 MiB"]);
  await Deno.remove(dir, { recursive: true });
});
