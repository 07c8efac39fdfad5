// SPDX-License-Identifier: Apache-2.0
/** Several labs at once have a folder each, and one writes into a folder at a time. */
import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
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
