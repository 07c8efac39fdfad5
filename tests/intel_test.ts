// SPDX-License-Identifier: Apache-2.0
/** Hosts with one of Intel's processors, in the second emulator. */
import { assert, assertEquals } from "@std/assert";
import { lab, recordsOf, removeRun, rows, runLine } from "./lab.ts";

/** A run of smoke's trials on such hosts. */
async function smoke(...options: string[]) {
  const answer = await lab("run", "smoke", ...options, "--json");
  assertEquals(answer.status, 0, answer.stderr);
  const line = runLine(answer);
  assertEquals(line.failed, 0, answer.stderr);
  return line;
}

async function refaultsOf(run: string): Promise<Map<string, number>> {
  const found = await rows(
    run,
    "SELECT mmu, arm, refaults FROM refaulted JOIN trials USING (trial)",
  );
  return new Map(found.map(({ mmu, arm, refaults }) => [`${mmu} ${arm}`, Number(refaults)]));
}

/** What is spared where the processor marks accesses, and where KVM has to see them by faults. */
const leastSpared = 0.9;
const mostSparedWithoutMarks = 0.1;

/** How far two emulators may be apart in the same host, as a share of the merged pages. */
const mostApart = 0.02;

Deno.test("change_pte spares refaults with EPT, and none without accessed and dirty bits", async () => {
  const one = await smoke("--set", "mmu=ept,ept-noad", "--fresh");
  const refaults = await refaultsOf(one.run);
  const left = (mmu: string) => refaults.get(`${mmu} on`)! / refaults.get(`${mmu} off`)!;
  console.log([...refaults].map(([what, count]) => `${what}: ${count}`).join(", "));
  assert(refaults.get("ept off")! > 1000, "hardly a refault with the switch off");
  assert(1 - left("ept") >= leastSpared, `ept: ${left("ept")} left`);
  assert(Math.abs(1 - left("ept-noad")) <= mostSparedWithoutMarks, `ept-noad: ${left("ept-noad")}`);

  /* The lab's counts are KVM's own here as well. */
  for (const row of await rows(one.run, "cross_check")) {
    assertEquals([row.exits_difference, row.faults_difference], [0, 0], JSON.stringify(row));
  }
  const hosts = await rows(one.run, "SELECT DISTINCT vendor FROM host");
  assertEquals(hosts, [{ vendor: "vmx" }]);

  const again = await smoke("--set", "mmu=ept", "--set", "arm=off", "--fresh");
  const byArm = await rows(one.run, "SELECT trial FROM trials WHERE mmu = 'ept' AND arm = 'off'");
  const records = await recordsOf(one.run);
  assertEquals(byArm.length, 1);
  assert(records.includes((await recordsOf(again.run))[0]!), "the same trial gave other bytes");
  for (const { run } of [one, again]) await removeRun(run);
});

Deno.test("AMD's nested paging counts alike in two emulators that other people wrote", async () => {
  const answer = await lab("run", "emulators", "--json");
  assertEquals(answer.status, 0, answer.stderr);
  const { run } = runLine(answer);
  const found = await rows(run, "emulators");
  for (const arm of ["off", "on"]) {
    const of = (measure: string) => {
      const row = found.find((one) => one.arm === arm && one.measure === measure);
      return row as unknown as { qemu: number; difference: number };
    };
    const merged = of("merged pages").qemu;
    assert(merged > 10_000, `${merged} merged pages`);
    for (const measure of ["merged pages", "refaults", "second-level faults"]) {
      const { qemu, difference } = of(measure);
      console.log(`${arm}, ${measure}: ${qemu} in QEMU, ${difference} more in Bochs`);
      assert(Math.abs(difference) / merged <= mostApart, `${arm}, ${measure}: ${difference}`);
    }
  }
  await removeRun(run);
});
