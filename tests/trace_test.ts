// SPDX-License-Identifier: Apache-2.0
/** Boots a traced trial of each arm, with nested and with shadow paging: nothing is lost, and every fault is explained. */
import { assert, assertEquals } from "@std/assert";
import { openDatabase, readQuestion } from "../analysis/mod.ts";
import { checkNative } from "./engines.ts";
import { lab, removeRun, reportPath, runLine } from "./lab.ts";

Deno.test("a traced trial has every event, and no fault after merging is left unexplained", async () => {
  const answer = await lab("run", "smoke", "--trace", "--set", "mmu=npt,shadow", "--json");
  assertEquals(answer.status, 0, answer.stderr);
  const { run } = runLine(answer);
  try {
    const database = await openDatabase(reportPath(run, ""));
    const rows = async (sql: string) => (await database.query(sql)).rows;
    const ask = async (name: string) => await rows((await readQuestion(name)).sql);
    /* Histograms, raw events and KVM's own statistics count the same. */
    const compared = await ask("trace_cross_check");
    assertEquals(compared.length, 8);
    for (const row of compared) {
      assertEquals([row.different, row.events], [0, row.counted], JSON.stringify(row));
      assert(Number(row.events) > 10_000, `only ${row.events} events`);
    }
    for (const row of await ask("cross_check")) {
      assertEquals([row.exits_difference, row.faults_difference], [0, 0], JSON.stringify(row));
    }
    for (const row of await ask("unexplained_faults")) {
      assertEquals([row.unexplained, row.after_merge_unexplained], [0, 0], JSON.stringify(row));
    }
    /* With the switch off refaults are due to merging; with it on, none is. */
    const causes = await rows(
      "SELECT mmu, arm, cause, count(*) AS refaults FROM fault_causes JOIN trials USING (trial_number) " +
        "JOIN phases USING (trial) WHERE ordinal = phase_ordinal AND phase = 'touch' " +
        "AND fault_causes.access <> 'write' AND NOT present AND NOT guest_walk AND cause <> 'device' " +
        "GROUP BY ALL",
    );
    console.log(
      causes.map(({ mmu, arm, cause, refaults }) => `${mmu} ${arm} ${cause}: ${refaults}`)
        .sort().join("\n"),
    );
    for (const mmu of ["npt", "shadow"]) {
      const [off, on] = ["off", "on"].map((arm) => {
        const found = causes.find((row) =>
          row.mmu === mmu && row.arm === arm && row.cause === "merged"
        );
        return Number(found?.refaults ?? 0);
      });
      assert(off! > 1000, `${mmu}: only ${off} refaults are put down to merging`);
      assertEquals(on, 0, mmu);
    }
    database.close();
    /* Both engines read the same from a real run, the raw trace among it. */
    assert(await checkNative("answers", reportPath(run, "")) > 1000);
  } finally {
    await removeRun(run);
  }
});
