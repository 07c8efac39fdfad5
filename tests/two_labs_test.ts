// SPDX-License-Identifier: Apache-2.0
/** Several labs at once have a folder each, and one writes into a folder at a time. */
import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run } from "../base/process.ts";
import { cacheRoot } from "../store/cache.ts";
import { lab, removeRun, root, runLine, startRun } from "./lab.ts";

/** `./lab run ARGS` that goes on meanwhile; gives its process, and its run's name once it has one. */
async function begin(...args: string[]) {
  const child = startRun(args);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  const readUntil = async (when: RegExp) => {
    while (!when.test(said)) {
      const { done, value } = await reader.read();
      if (done) break;
      said += value;
    }
    return said;
  };
  const name = /^(smoke-\S+): \d trials/m.exec(await readUntil(/: boot/))?.[1] ?? "";
  assertMatch(name, /^smoke-/, said);
  /* To its end. */
  return { child, name, rest: () => readUntil(/$^/) };
}

Deno.test("two runs that begin at once have a folder each, and their own results", async () => {
  const answers = await Promise.all(
    ["on", "off"].map((arm) => lab("run", "smoke", "--set", `arm=${arm}`, "--json")),
  );
  const [on, off] = answers.map(runLine);
  assertEquals(answers.map(({ status }) => status), [0, 0], answers[0]!.stderr);
  assertNotEquals(on!.run, off!.run);
  assertNotEquals(on!.digest, off!.digest);
  for (const { run, digest } of [on!, off!]) {
    const path = join(root, "reports", run, "run.json");
    assertEquals(JSON.parse(await Deno.readTextFile(path)).digest, digest);
    await removeRun(run);
  }
});

Deno.test("who would write into a run that goes on is told which process does, until it is killed", async () => {
  const { child, name, rest } = await begin("smoke", "--set", "arm=on", "--fresh");
  const calls = [["run", "--resume", name], ["report", name], ["pack", name]];
  for (const call of calls) {
    const { status, stderr } = await lab(...call);
    assertEquals(status, 2, stderr);
    assertStringIncludes(stderr, `\`lab run\` (process ${child.pid}) has been at it since 20`);
    assertStringIncludes(stderr, `kill ${child.pid}`);
  }
  child.kill("SIGKILL");
  await child.status;
  await rest();
  /* Its lock is still there, and keeps nobody out. */
  assertStringIncludes(
    await Deno.readTextFile(join(root, "reports", name, "lock")),
    `"pid":${child.pid}`,
  );
  const resumed = await lab("run", "--resume", name, "--json");
  assertEquals(resumed.status, 0, resumed.stderr);
  await removeRun(name);
});

Deno.test("a run that is told to stop says so by its status, and how to go on", async () => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const { child, name, rest } = await begin("smoke", "--set", "arm=on", "--fresh");
    child.kill(signal);
    const said = await rest();
    assertEquals((await child.status).code, status, said);
    assertStringIncludes(said, `Interrupted: the trials that had finished are in reports/`);
    assertStringIncludes(said, `To go on: ./lab run --resume ${name}`);
    await removeRun(name);
  }
});

Deno.test("a build that is interrupted says so, and leaves nothing half-built", async () => {
  /* A cache in which nothing is built yet, and nothing has to be fetched. */
  const dir = await Deno.makeTempDir();
  const cache = join(dir, "samepage-lab");
  const fetched = ["tools", "deno", "debian", "apt", "sysroot", "room"].map((name) =>
    join(cacheRoot(), name)
  );
  await Deno.mkdir(cache);
  await run("ln", ["-s", ...fetched, cache], { purpose: "prepare a cache", timeLimit_s: 10 });
  const child = new Deno.Command("setpriv", {
    args: ["--pdeathsig", "KILL", "--", join(root, "lab"), "build", "emulator"],
    ...{ env: { XDG_CACHE_HOME: dir }, stdout: "null", stderr: "piped" },
  }).spawn();
  let said = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (/configuring/.test(text)) child.kill("SIGINT");
  }
  assertEquals((await child.status).code, 130, said);
  assertMatch(
    said,
    /^Interrupted: .*\nWhat was finished is kept: the same call goes on from there$/m,
  );
  assertEquals(await Array.fromAsync(Deno.readDir(join(cache, "tmp"))), []);
  await Deno.remove(dir, { recursive: true });
});
