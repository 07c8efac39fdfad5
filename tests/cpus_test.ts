// SPDX-License-Identifier: Apache-2.0
/** Several CPUs of the host: exact, as one is; each interleaving is another trial that replays. */
import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { keepCoreBusy, lab, recordsOf, removeRun, root, rows, runLine } from "./lab.ts";

/** A run of smoke's trials in one arm, with all of these options. */
async function smoke(...options: string[]) {
  const answer = await lab("run", "smoke", "--set", "arm=on", ...options, "--json");
  assertEquals(answer.status, 0, answer.stderr);
  return runLine(answer);
}

Deno.test("hosts with two and with four CPUs repeat to the byte, also on a machine that is busy", async () => {
  const quiet = await smoke("--set", "host_cpus=2,4", "--fresh");
  const load = keepCoreBusy();
  const busy = await smoke("--set", "host_cpus=2,4", "--fresh").finally(() => load.terminate());
  assertEquals([busy.digest, busy.reused], [quiet.digest, 0]);
  assertEquals(await recordsOf(busy.run), await recordsOf(quiet.run));

  const checked = await rows(quiet.run, "cross_check");
  assertEquals(
    checked.map((row) => [row.condition, row.exits_difference, row.faults_difference]),
    [["host_cpus=2", 0, 0], ["host_cpus=4", 0, 0]],
  );
  assert(checked.every(({ exits }) => Number(exits) > 0), "nothing was counted");
  const hosts = await rows(quiet.run, "hosts");
  assertEquals(hosts.map(({ condition, cpus }) => [condition, cpus]), [
    ["host_cpus=2", 2],
    ["host_cpus=4", 4],
  ]);
  for (const { run } of [quiet, busy]) await removeRun(run);
});

Deno.test("another turn seed is another interleaving, which replays; and one CPU is another condition", async () => {
  const drawing = ["--set", "host_cpus=2", "--set", "turn_seed=7", "--fresh"];
  const one = await smoke(...drawing);
  const again = await smoke(...drawing);
  assertEquals([again.digest, again.reused], [one.digest, 0]);
  const both = await smoke("--set", "host_cpus=1,2");
  const conditions = await rows(both.run, "cross_check");
  assertEquals(conditions.map(({ condition }) => condition), ["host_cpus=1", "host_cpus=2"]);
  const [alone, fixed] = await recordsOf(both.run);
  const [drawn] = await recordsOf(one.run);
  assertNotEquals(countsOf(drawn!), countsOf(fixed!));
  assertNotEquals(countsOf(alone!), countsOf(fixed!));

  /* Compared, two CPUs stand against two, what differs has its name, and one CPU stands alone. */
  const compared = await lab("compare", one.run, both.run);
  assertEquals(compared.status, 1, compared.stderr);
  assertStringIncludes(compared.stdout, "setting turn_seed");
  assertStringIncludes(compared.stdout, `1 trial of ${both.run} has no counterpart`);
  assertStringIncludes(compared.stdout, "the same to the byte: 0 of 1 pair");
  await Deno.remove(join(root, "reports", `compare-${one.run}-${both.run}.html`));
  for (const { run } of [one, again, both]) await removeRun(run);
});

Deno.test("guests with two virtual CPUs on two of the host are counted by virtual CPU, booted or forked", async () => {
  const options = ["--set", "guest_kernel=6.1-smp", "--set", "host_cpus=2", "--set", "pin=spread"];
  const whole = await smoke(...options, "--set", "vcpus=2", "--fresh");
  /* Both arms of a pair, so that they go on from one state. */
  const forked = await smoke(...options, "--set", "vcpus=1,2", "--set", "arm=off,on", "--fresh");
  const [counted] = await recordsOf(whole.run);
  const all = await recordsOf(forked.run);
  assert(all.includes(counted!), "a fork and a boot differ");
  const seen = (records: string) =>
    new Set(countsOf(records).map((line) => /"vcpu":(\d+)/.exec(line)![1]));
  assertEquals([...seen(counted!)].sort(), ["0", "1"]);
  assertEquals(all.map((records) => seen(records).size).sort(), [1, 1, 2, 2]);
  for (const { run } of [whole, forked]) await removeRun(run);
});

/** What was counted in a trial, without the plan, which names the settings. */
function countsOf(records: string): string[] {
  return records.split("\n").filter((line) => line.includes('"kind":"exits"'));
}
