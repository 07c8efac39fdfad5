// SPDX-License-Identifier: Apache-2.0
/** Ways in which Slurm ends a job before its trial is done: each is called by its name, and costs time alone. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run as start } from "../base/process.ts";
import { casesOf } from "../base/whole_tests.ts";
import { digestOf, followedRun, localDigest } from "./followed_run.ts";
import { lab, removeRun, runLine } from "./lab.ts";
import { TestSlurm } from "./slurm.ts";

const oneTrial = ["smoke", "--set", "arm=on"];
const onSlurm = ["--on", "slurm"];

type Running = Awaited<ReturnType<TestSlurm["running"]>>;

interface Loss {
  title: string;
  /** Options of the run. */
  options: readonly string[];
  happens(slurm: TestSlurm, job: Running): Promise<unknown>;
  said: RegExp;
}

/** Takes a node for a job that goes before all others. */
function comeFirst(slurm: TestSlurm, { node }: Running): Promise<string> {
  return slurm.ask(
    ...["sbatch", "--partition=first", `--nodelist=${node}`, "--output=/dev/null"] as const,
    "--wrap=sleep 3",
  );
}

const losses: readonly Loss[] = [
  {
    title: "a job that is requeued is begun again by Slurm",
    options: [],
    happens: (slurm, { element }) => slurm.ask("scontrol", "requeue", element),
    said: /Slurm has requeued job \d+_0, which ran on n[12]\n/,
  },
  {
    title: "a job that is preempted and requeued is begun again by Slurm",
    options: [],
    happens: comeFirst,
    said: /Slurm has requeued job \d+_0, which ran on n[12]\n/,
  },
  {
    title: "a job that is preempted and cancelled is submitted again",
    options: ["--partition", "cancelled"],
    happens: comeFirst,
    said: /: its job was preempted on n[12].*: it is submitted again\n/,
  },
  {
    title: "a job that meets its time limit is submitted again",
    options: ["--time", "1:00:00"],
    /* Its own limit becomes a minute; one that stands still meets it, however fast the machine is. */
    happens: async (slurm, { job, element }) => {
      await slurm.ask("scancel", "--signal=STOP", "--full", job);
      await slurm.ask("scontrol", "update", `jobid=${element}`, "timelimit=1");
    },
    said: /: its job has met the time limit on n[12].*: it is submitted again\n/,
  },
];

for (const { title, options, happens, said } of casesOf(losses, ([first]) => [first!])) {
  Deno.test(title, async () => {
    const expected = await localDigest(...oneTrial);
    await using slurm = await TestSlurm.start();
    const { child, run, rest } = await followedRun(...oneTrial, "--fresh", ...onSlurm, ...options);
    await happens(slurm, await slurm.running());
    const [{ code }, all] = await Promise.all([child.status, rest]);
    assertEquals(code, 0, all);
    assertMatch(all, said);
    assertEquals(await digestOf(run), expected);
    await removeRun(run);
  });
}

/** What trials run on has about 100 MiB. */
const size = "size=200m";

async function fullFolder(): Promise<void> {
  const expected = await localDigest(...oneTrial);
  await using _slurm = await TestSlurm.start();
  const shared = await Deno.makeTempDir({ prefix: "samepage-shared-" });
  const purpose = "fill a shared folder";
  await start("mount", ["-t", "tmpfs", "-o", size, "tmpfs", shared], { purpose, timeLimit_s: 60 });
  try {
    const there = [...onSlurm, "--shared", shared];
    const { child, run, rest } = await followedRun(...oneTrial, "--fresh", ...there);
    const filler = join(shared, "filler");
    const filling = ["if=/dev/zero", `of=${filler}`, "bs=64k"];
    await start("dd", filling, { purpose, timeLimit_s: 60, accept: [1] });
    const [{ code }, all] = await Promise.all([child.status, rest]);
    assertEquals(code, 2, all);
    assertStringIncludes(all, `no space is left on the disk (${shared}, 0 MiB free)`);
    assertStringIncludes(all, `To go on: ./lab run --resume ${run}`);
    await Deno.remove(filler);
    const answer = await lab("run", "--resume", run, ...there, "--json");
    assertEquals(answer.status, 0, answer.stderr);
    assertEquals(runLine(answer).digest, expected);
    await removeRun(run);
  } finally {
    await start("umount", ["--lazy", shared], { purpose, timeLimit_s: 60 });
    await Deno.remove(shared);
  }
}

async function cancelled(): Promise<void> {
  const expected = await localDigest(...oneTrial);
  await using slurm = await TestSlurm.start();
  const { child, run, rest } = await followedRun(...oneTrial, "--fresh", ...onSlurm);
  assertStringIncludes((await lab("cancel", run)).stdout, `${run}: 1 jobs were cancelled`);
  const [{ code }, all] = await Promise.all([child.status, rest]);
  assertEquals(code, 2, all);
  assertStringIncludes(all, "Cannot go on: the jobs of the run were cancelled");
  assertEquals(await slurm.ask("squeue", "-h", "-t", "R,PD"), "");
  const answer = await lab("run", "--resume", run, ...onSlurm, "--json");
  assertEquals([answer.status, runLine(answer).digest], [0, expected], answer.stderr);
  await removeRun(run);
}

const endings: readonly [title: string, test: () => Promise<void>][] = [
  ["a shared folder that is full is named, and the run goes on once there is room", fullFolder],
  ["lab cancel ends the jobs of a run, which can be resumed", cancelled],
];

for (const [title, test] of casesOf(endings, ([first]) => [first!])) Deno.test(title, test);
