// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { run } from "../base/process.ts";
import { DamagedRun } from "../contract/run_file.ts";
import { claimRun, holdRun, RunFolder } from "./run_folder.ts";
import { withRun } from "./testdata/run.ts";

const [starts, processes] = [200, 4];
const time = "2026-11-24T11:30:00Z";

Deno.test(`of ${starts} runs that begin at once, in ${processes} processes, none has another's folder`, async () => {
  const parent = await Deno.makeTempDir();
  const script = join(import.meta.dirname!, "testdata", "claim_runs.ts");
  const config = join(import.meta.dirname!, "..", "deno.json");
  const flags = ["--no-check", "--cached-only", "--no-prompt", "--config", config];
  const allowed = ["--allow-read", `--allow-write=${parent}`];
  const said = await Promise.all(Array.from({ length: processes }, () =>
    run(
      Deno.execPath(),
      ["run", ...flags, ...allowed, script, parent, `${starts / processes}`, time],
      {
        env: { DENO_DIR: Deno.env.get("DENO_DIR") ?? "" },
        purpose: "claim runs",
        timeLimit_s: 120,
      },
    )));
  const names = said.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
  const wanted = Array.from(
    { length: starts },
    (_, at) => `x-20261124-113000${at === 0 ? "" : `-${at + 1}`}`,
  );
  assertEquals(names.sort(), wanted.sort());
  await Deno.remove(parent, { recursive: true });
});

Deno.test("claimRun() leaves alone what is there, be it a file", async () => {
  const parent = await Deno.makeTempDir();
  await Deno.writeTextFile(join(parent, "x-20261124-113000"), "mine");
  assertEquals(await claimRun("x", new Date(time), parent), "x-20261124-113000-2");
  assertEquals(await Deno.readTextFile(join(parent, "x-20261124-113000")), "mine");
  await Deno.remove(parent, { recursive: true });
});

Deno.test("a run's folder is held by one, by whatever path it is reached", () =>
  withRun(async ({ folder }) => {
    const link = `${folder.dir}-link`;
    await run("ln", ["-s", folder.dir, link], { purpose: "prepare a test", timeLimit_s: 10 });
    await using _held = await holdRun(folder.dir, "run");
    for (const dir of [folder.dir, link, join(folder.dir, "trials", "..")]) {
      const error = await assertRejects(() => holdRun(dir, "report"), LabError);
      assertStringIncludes(error.message, `\`lab run\` (process ${Deno.pid})`);
    }
  }));

Deno.test("a FIFO or a folder in the place of run.json is named, and not waited for", () =>
  withRun(async ({ folder, report }) => {
    const path = join(folder.dir, "run.json");
    for (const [make, kind] of [["mkfifo", "a FIFO"], ["mkdir", "a folder"]] as const) {
      await Deno.remove(path);
      await run(make, [path], { purpose: "prepare a test", timeLimit_s: 10 });
      await assertRejects(
        () => RunFolder.open(folder.dir),
        DamagedRun,
        `it is ${kind}, not a file`,
      );
    }
    await Deno.remove(path);
    await Deno.writeTextFile(path, "");
    await RunFolder.openOrRepair(folder.dir, report);
  }));
