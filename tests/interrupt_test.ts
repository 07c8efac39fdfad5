// SPDX-License-Identifier: Apache-2.0
/** A run that is killed, or whose files are damaged, loses nothing it had. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cacheRoot, scratchRoot } from "../store/cache.ts";
import { keepCoreBusy, lab, recordsOf, removeRun, reportPath, runLine, startRun } from "./lab.ts";

interface Trial {
  id: string;
  records: string;
  reused_from: string | null;
}

async function trialsOf(name: string): Promise<Trial[]> {
  return JSON.parse(await Deno.readTextFile(reportPath(name, "run.json"))).trials;
}

/** Starts `./lab run ARGS` and kills it, as it stands, once it has said what to wait for. */
async function killedRun(args: string[], when: RegExp): Promise<string> {
  const child = startRun(args);
  let said = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (when.test(said)) break;
  }
  child.kill("SIGKILL");
  await child.status;
  assert(when.test(said), `it ended before it could be killed:\n${said}`);
  return said;
}

async function scratchFoldersOf(trial: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(scratchRoot()), ({ name }) => name);
  return names.filter((name) => name.startsWith(trial) && !name.endsWith(".lock"));
}

Deno.test("a run killed within a trial ends with the digest of one that was not", async () => {
  const said = await killedRun(
    ["smoke", "--fresh", "--jobs", "1"],
    /: done in [^]*1\/2 [^\n]*: merge/,
  );
  const name = /^(smoke-\S+): 2 trials/m.exec(said)![1]!;
  const [kept, lost] = await trialsOf(name);
  assertEquals((await scratchFoldersOf(lost!.id)).length, 1);

  const load = keepCoreBusy();
  const resumed = await lab("run", "--resume", name, "--jobs", "2", "--json");
  load.terminate();
  assertEquals(resumed.status, 0, resumed.stderr);
  assert(!resumed.stderr.includes(`${kept!.id}: `), `a finished trial was done again`);
  assertStringIncludes(resumed.stderr, `${lost!.id}: done in`);
  assertStringIncludes(resumed.stderr, "left behind by a lab that was killed");
  assertEquals(await scratchFoldersOf(lost!.id), []);
  const { digest } = runLine(resumed);

  /* The same, uninterrupted, both trials side by side. */
  const whole = runLine(await lab("run", "smoke", "--fresh", "--jobs", "2", "--json"));
  assertEquals([whole.digest, whole.reused], [digest, 0]);
  const [first, second] = [await recordsOf(name), await recordsOf(whole.run)];
  assertEquals(first, second);
  assertNotEquals(first[0], first[1]);

  /* And once more, from what the last of them has measured. */
  const again = await lab("run", "smoke", "--json");
  assertEquals([runLine(again).digest, runLine(again).reused], [digest, 2]);
  assertStringIncludes(again.stderr, `${kept!.id}: reused from ${whole.run}`);
  assertEquals((await trialsOf(runLine(again).run))[0]!.reused_from, whole.run);

  /* A stored trial that is damaged is named and carried out again; the other is not. */
  const stored = join(
    cacheRoot(),
    "trial",
    JSON.parse(
      await Deno.readTextFile(reportPath(name, "run.json")),
    ).trials[1].identity,
    "records.jsonl",
  );
  await Deno.truncate(stored, 5000);
  await Deno.truncate(reportPath(name, lost!.records), 5000);
  await Deno.truncate(reportPath(name, "run.json"), 900);
  const repaired = await lab("run", "--resume", name, "--json");
  assertEquals([repaired.status, runLine(repaired).digest], [0, digest], repaired.stderr);
  assertStringIncludes(repaired.stderr, "going on from asked.json");
  assertStringIncludes(repaired.stderr, "records.jsonl has 5000 bytes");
  assertStringIncludes(repaired.stderr, `${lost!.id}: done in`);
  assert(!repaired.stderr.includes(`${kept!.id}: `), "a finished trial was done again");
  for (const one of [name, whole.run, runLine(again).run]) await removeRun(one);
});
