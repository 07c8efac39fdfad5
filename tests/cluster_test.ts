// SPDX-License-Identifier: Apache-2.0
/** Exact trials on a real Slurm, whose jobs, nodes and submitter die: the digest is that of this machine. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { lab, removeRun, type RunLine, runLine, startRun } from "./lab.ts";
import { TestSlurm } from "./slurm.ts";
import { TestMachines } from "./sshd.ts";

/** What the same run gives on this machine. */
async function localDigest(): Promise<string> {
  const { digest, run } = runLine(await lab("run", "smoke", "--json"));
  await removeRun(run);
  return digest;
}

type Child = ReturnType<typeof startRun>;

/** Reads on until what was said matches, and goes on reading behind it. */
async function until(child: Child, when: RegExp): Promise<{ said: string; rest: Promise<string> }> {
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!when.test(said)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`it ended before ${when}:\n${said}`);
    said += value;
  }
  const rest = (async () => {
    for (let all = said;;) {
      const { value, done } = await reader.read();
      if (done) return all;
      all += value;
    }
  })();
  return { said, rest };
}

const onSlurm = ["--on", "slurm", "--verbose"];

Deno.test("a task that is killed on Slurm is submitted again to another node, with the same digest", async () => {
  const expected = await localDigest();
  await using slurm = await TestSlurm.start();
  const child = startRun(["smoke", "--fresh", ...onSlurm]);
  const { said, rest } = await until(child, /: boot\n/);
  const run = /^(smoke-\S+): 2 trials/m.exec(said)![1]!;
  const [job, node] = (await slurm.ask("squeue", "-h", "-r", "-o", "%A %N", "-t", "R")).split(" ");
  await slurm.ask("scancel", "--signal=KILL", "--full", job!);
  const [{ code }, all] = await Promise.all([child.status, rest]);
  assertEquals(code, 0, all);
  assertMatch(all, new RegExp(`on ${node}.*: it is submitted again`));
  assertEquals((await digestOf(run)).digest, expected);
  await removeRun(run);
});

Deno.test("a lab that is killed, a node that dies and one that is drained lose nothing of a run on Slurm", async () => {
  const expected = await localDigest();
  await using slurm = await TestSlurm.start();
  const child = startRun(["smoke", "--fresh", ...onSlurm]);
  const { said, rest } = await until(child, /: boot\n/);
  const run = /^(smoke-\S+): 2 trials/m.exec(said)![1]!;
  child.kill("SIGKILL");
  await Promise.all([child.status, rest]);

  const node = await slurm.ask("squeue", "-h", "-r", "-o", "%N", "-t", "R") as "n1" | "n2";
  await slurm.killNode(node);
  const resumed = lab("run", "--resume", run, ...onSlurm, "--json");
  for (;;) {
    if ((await slurm.nodes("down")).includes(node)) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  slurm.beginNode(node);
  await slurm.ask("scontrol", "update", `nodename=${node}`, "state=drain", "reason=test");
  const answer = await resumed;
  assertEquals(answer.status, 0, answer.stderr);
  assertStringIncludes(answer.stderr, "2 trials are in Slurm's queue already");
  assertEquals(runLine(answer).digest, expected);
  assertStringIncludes((await lab("cancel", run)).stdout, "0 jobs were cancelled");
  await removeRun(run);
});

Deno.test("a machine that ssh loses gives its trials to the others, and each trial was checked on another", async () => {
  const expected = await localDigest();
  await using machines = await TestMachines.start("one", "two", "three");
  const child = startRun([
    "smoke",
    "--fresh",
    "--verbose",
    "--on",
    machines.hosts,
    "--check",
    "100%",
  ]);
  const { said, rest } = await until(child, /: boot\n/);
  const run = /^(smoke-\S+): 2 trials/m.exec(said)![1]!;
  await machines.kill("one");
  const [{ code }, all] = await Promise.all([child.status, rest]);
  assertEquals(code, 0, all);
  assertStringIncludes(all, "one was lost: its trials go to the others");
  assertEquals((await digestOf(run)).digest, expected);
  await removeRun(run);
});

async function digestOf(run: string): Promise<RunLine> {
  return runLine(await lab("run", "--resume", run, "--json"));
}
