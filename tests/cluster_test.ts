// SPDX-License-Identifier: Apache-2.0
/** Exact trials on a real Slurm, whose jobs, nodes and submitter die: the digest is that of this machine. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { casesOf } from "../base/whole_tests.ts";
import { digestOf, followedRun, localDigest } from "./followed_run.ts";
import { lab, removeRun, runLine } from "./lab.ts";
import { TestSlurm } from "./slurm.ts";

const onSlurm = ["--on", "slurm"];

async function killedTask(): Promise<void> {
  const expected = await localDigest("smoke");
  await using slurm = await TestSlurm.start();
  const { child, run, rest } = await followedRun("smoke", "--fresh", ...onSlurm);
  const { job, node } = await slurm.running();
  await slurm.ask("scancel", "--signal=KILL", "--full", job);
  const [{ code }, all] = await Promise.all([child.status, rest]);
  assertEquals(code, 0, all);
  assertMatch(all, new RegExp(`on ${node}.*: it is submitted again`));
  assertEquals(await digestOf(run), expected);
  await removeRun(run);
}

async function deadLabAndNode(): Promise<void> {
  const expected = await localDigest("smoke");
  await using slurm = await TestSlurm.start();
  const { child, run, rest } = await followedRun("smoke", "--fresh", ...onSlurm);
  child.kill("SIGKILL");
  await Promise.all([child.status, rest]);

  const { node } = await slurm.running();
  await slurm.killNode(node);
  const resumed = lab("run", "--resume", run, ...onSlurm, "--verbose", "--json");
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
}

/** Forty trials that are as short as trials can be. */
const fortyTrials = [
  ...["smoke", "--set", `seed=${Array.from({ length: 20 }, (_, at) => at + 1)}`],
  ...["--set", "guests=1", "--set", "converge_scans=2", "--set", "touch_rounds=1"],
];

async function manyTrials(): Promise<void> {
  const expected = await localDigest(...fortyTrials);
  await using _slurm = await TestSlurm.start();
  const answer = await lab("run", ...fortyTrials, "--fresh", ...onSlurm, "--check", "5%", "--json");
  assertEquals(answer.status, 0, answer.stderr);
  const { run, trials, failed, reused, digest } = runLine(answer);
  assertEquals({ trials, failed, reused, digest }, {
    ...{ trials: 40, failed: 0, reused: 0 },
    digest: expected,
  });
  await removeRun(run);
}

const cases: readonly [title: string, test: () => Promise<void>][] = [
  [
    "a task that is killed on Slurm is submitted again to another node, with the same digest",
    killedTask,
  ],
  [
    "a lab that is killed, a node that dies and one that is drained lose nothing of a run on Slurm",
    deadLabAndNode,
  ],
  ["forty trials on Slurm have the digest of this machine", manyTrials],
];

for (const [title, test] of casesOf(cases, (all) => all.slice(0, 2))) Deno.test(title, test);
