// SPDX-License-Identifier: Apache-2.0
/** Boots hosts with guests, in both arms, and checks what the lab exists to show. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { lab, removeRun, reportPath, rows, runLine } from "./lab.ts";

/** What is claimed of every workload. */
const leastReduction = 0.9;

interface Refaults {
  workload: string;
  arm: string;
  refaults: number;
  merged_pages: number;
}

function byArm(all: Refaults[], workload: string, arm: string): Refaults {
  const found = all.find((row) => row.workload === workload && row.arm === arm);
  assert(found !== undefined, `no row for ${workload} ${arm}`);
  return found;
}

Deno.test("change_pte spares at least 90 % of the refaults in every workload", async () => {
  const answer = await lab(
    "run",
    "default",
    "--set",
    "seed=1",
    "--set",
    "guests=2",
    "--fresh",
    "--json",
  );
  assertEquals(answer.status, 0, answer.stderr);
  const { run, trials, failed } = runLine(answer);
  try {
    assertEquals([trials, failed], [9, 0]);
    const refaults = await rows(run, "refaults_per_merged_page") as unknown as Refaults[];
    for (const workload of ["kernels", "libraries", "pagecache"]) {
      const off = byArm(refaults, workload, "off");
      assert(off.refaults > 500, `${workload}: only ${off.refaults} refaults with the switch off`);
      for (const arm of ["on", "map"]) {
        const spared = byArm(refaults, workload, arm);
        const left = (spared.refaults / spared.merged_pages) / (off.refaults / off.merged_pages);
        const what = `${workload}, ${arm}: ${spared.refaults} of ${off.refaults} refaults left`;
        console.log(what);
        assert(1 - left >= leastReduction, what);
        /* The memory saved must not depend on the arm. */
        const drift = Math.abs(spared.merged_pages / off.merged_pages - 1);
        assert(drift < 0.05, `${workload}, ${arm}: merged pages differ by ${drift}`);
      }
    }
    /* The lab's counts are KVM's own. */
    for (const row of await rows(run, "cross_check")) {
      assertEquals([row.exits_difference, row.faults_difference], [0, 0], JSON.stringify(row));
    }
    /* Both arms read the same from the same memory, in every round. */
    const checksums = await rows(
      run,
      "SELECT workload, guest, round, count(DISTINCT checksum) AS different FROM touch " +
        "JOIN trials USING (trial) WHERE phase = 'touch' AND workload <> 'libraries' " +
        "GROUP BY ALL HAVING different <> 1",
    );
    assertEquals(checksums, []);
    assertStringIncludes(await Deno.readTextFile(reportPath(run, "index.html")), "refaults");
  } finally {
    await removeRun(run);
  }
});

Deno.test("a guest that dies fails its trial and shows its console, and ends a run that is strict", async () => {
  const answer = await lab(
    ...["run", "smoke", "--set", "workload=kernels", "--strict", "--jobs", "1"],
    ...["--set", "guests=1", "--set", "guest_memory_mib=48"],
    ...["--set", "workload.object_pages=65536", "--json"],
  );
  const { run, trials, failed, waiting } = runLine(answer);
  try {
    assertEquals([answer.status, trials, failed, waiting], [1, 2, 1, 1]);
    assertStringIncludes(answer.stderr, `1 wait. To go on: ./lab run --resume ${run}`);
    assertStringIncludes(answer.stderr, "FAILED");
    const { trials: [trial] } = JSON.parse(await Deno.readTextFile(reportPath(run, "run.json")));
    assertEquals(trial.status, "failed");
    assertStringIncludes(trial.reason, "guest 0");
    assertStringIncludes(trial.reason, "Kernel panic");
    assertStringIncludes(trial.reason, "The guest's kernel died");
    assertStringIncludes(await Deno.readTextFile(reportPath(run, "index.html")), "Kernel panic");
  } finally {
    await removeRun(run);
  }
});
