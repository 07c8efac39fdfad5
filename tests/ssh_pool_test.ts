// SPDX-License-Identifier: Apache-2.0
/** Exact trials on machines that ssh reaches: one is lost, one lies. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { digestOf, followedRun, localDigest } from "./followed_run.ts";
import { lab, removeRun } from "./lab.ts";
import { TestMachines } from "./sshd.ts";

const oneTrial = ["smoke", "--set", "arm=on"];

Deno.test("a machine that ssh loses gives its trials to the others, and each trial was checked on another", async () => {
  const expected = await localDigest(...oneTrial);
  await using machines = await TestMachines.start("one", "two", "three");
  const { child, run, rest } = await followedRun(
    ...[...oneTrial, "--fresh", "--on", machines.hosts, "--check", "100%"],
  );
  await machines.kill("one");
  const [{ code }, all] = await Promise.all([child.status, rest]);
  assertEquals(code, 0, all);
  assertStringIncludes(all, "one was lost: its trials go to the others");
  assertEquals(await digestOf(run), expected);
  await removeRun(run);
});

/** Its records are other ones than those that the agent wrote, by one digit each time. */
const liar = `#!/bin/sh
/usr/bin/tail "$@" | sed 's/"pages_sharing":1/"pages_sharing":2/'
`;

Deno.test("a machine that lies is named with the one that does not, and ends the run", async () => {
  const folder = await Deno.makeTempDir({ prefix: "samepage-liar-" });
  await Deno.writeTextFile(join(folder, "tail"), liar, { mode: 0o755 });
  await using machines = await TestMachines.start("honest", {
    name: "liar",
    path: `${folder}:/usr/bin:/bin`,
  });
  const { status, stderr } = await lab(
    ...["run", ...oneTrial, "--fresh", "--on", machines.hosts, "--check", "100%"],
  );
  assertEquals(status, 2, stderr);
  assertMatch(
    stderr,
    /Cannot trust both (honest and liar|liar and honest): they gave other records/,
  );
  assertMatch(stderr, /pages_sharing/);
  const [, run] = /--resume (\S+)/.exec(stderr) ?? [];
  await removeRun(run!);
  await Deno.remove(folder, { recursive: true });
});
