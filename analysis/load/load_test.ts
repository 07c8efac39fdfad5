// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { readRunFile, type RunFile, runFileName, writeRunFile } from "../../contract/run_file.ts";
import { codeOf } from "../../machines/machine.ts";
import { load } from "./load.ts";
import { closed, linesOf, writeSyntheticRun } from "../testdata/synthetic.ts";

const TRIAL = { workload: "pagecache", arm: "off", seed: 1, readRefaults: 31, fetchRefaults: 4 };

async function withRun(
  trials: Parameters<typeof writeSyntheticRun>[1],
  test: (folder: string, records: string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await writeSyntheticRun(folder, trials);
    const entries = await Array.fromAsync(Deno.readDir(join(folder, "trials")));
    await test(folder, entries.map(({ name }) => join(folder, "trials", name)).sort());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("load() takes differences between phase ends", async () => {
  await withRun([TRIAL], async (folder) => {
    const { tables, problems } = await load(folder);
    assertEquals(problems, []);
    const fetches = tables.faults?.filter(({ access }) => access === "fetch");
    assertEquals(fetches?.map(({ phase, guest, count }) => [phase, guest, count]), [
      ["touch", 0, 2],
      ["touch", 1, 2],
    ]);
    const reads = tables.faults?.filter(({ access }) => access === "read");
    assertEquals(reads?.map(({ phase, guest, count }) => [phase, guest, count]), [
      ["boot", 0, 5000],
      ["touch", 0, 16],
      ["boot", 1, 5000],
      ["touch", 1, 15],
    ]);
  });
});

Deno.test("load() gives a sink all rows in their order, and keeps none of what it gave", async () => {
  const trials = [1, 2, 3].map((seed) => ({ ...TRIAL, seed }));
  await withRun(trials, async (folder) => {
    const whole = (await load(folder)).tables;
    const given: Record<string, unknown[]> = {};
    let calls = 0;
    const { tables } = await load(folder, (table, rows) => {
      calls++;
      (given[table] ??= []).push(...rows);
      return Promise.resolve();
    }, 40);
    assert(calls > 3, `${calls} calls`);
    for (const [table, rows] of Object.entries(whole)) {
      assertEquals([...given[table] ?? [], ...tables[table] ?? []], rows, table);
      assert(tables[table]!.length < 40 || table === "reasons", table);
    }
  });
});

Deno.test("load() keeps exit codes without a name as numbers", async () => {
  await withRun([TRIAL], async (folder) => {
    const { tables } = await load(folder);
    const named = new Map(tables.exits?.map(({ reason_code, reason }) => [reason_code, reason]));
    assertEquals(named.get(codeOf("svm", "NPF")), "NPF");
    assertEquals(named.get(57_005), null);
  });
});

Deno.test("load() decodes page fault error codes beyond 32 bits", async () => {
  await withRun([TRIAL], async (folder) => {
    const { tables } = await load(folder);
    const walk = tables.faults?.find(({ guest_walk }) => guest_walk === true);
    assertEquals([walk?.access, walk?.present, Number(walk?.error_code) > 2 ** 32], [
      "write",
      true,
      true,
    ]);
    const devices = tables.faults?.filter(({ mmio }) => mmio === true);
    assertEquals(devices?.map(({ phase, count }) => [phase, count]), [["boot", 25], ["boot", 25]]);
  });
});

Deno.test("load() counts a trial without a closing line as failed and keeps its numbers out", async () => {
  await withRun([TRIAL, { ...TRIAL, arm: "on" }], async (folder, [off, on]) => {
    assert(off !== undefined && on !== undefined);
    const bytes = await Deno.readFile(off);
    await Deno.writeFile(off, bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1));
    const { tables, problems } = await load(folder);
    assertEquals(tables.trials?.map(({ status }) => status), ["failed", "done"]);
    assertMatch(problems[0]?.message ?? "", /trials\/pagecache-off.*line \d+: the closing line/);
    assertEquals(new Set(tables.exits?.map(({ trial }) => trial)).size, 1);
  });
});

Deno.test("load() names the line of a broken record and what is wrong with it", async () => {
  const wrong: [(lines: Record<string, unknown>[]) => unknown, RegExp][] = [
    [
      (lines) => Object.assign(lines[4] ?? {}, { full_scans: "many" }),
      /line 5: field "full_scans" of the ksm record/,
    ],
    [(lines) => Object.assign(lines[3] ?? {}, { kind: 7 }), /line 4: the field "kind" is missing/],
    [(lines) => Object.assign(lines[2] ?? {}, { event: "end" }), /line 3: phase "boot" ends but/],
    [(lines) => Object.assign(lines[1] ?? {}, { format: 1 }), /line 2: .* are of format 1, not 2/],
    [(lines) => lines.shift(), /no record says what host it was/],
  ];
  for (const [breakIt, message] of wrong) {
    await withRun([TRIAL], async (folder, [file]) => {
      const lines = linesOf(TRIAL);
      lines.splice(3, 0, { t_ns: 0, phase: "boot", kind: "logs", source: "host", text: "hello" });
      breakIt(lines);
      await rewrite(folder, file, lines);
      const { problems } = await load(folder);
      assertMatch(problems[0]?.message ?? "", message);
    });
  }
});

Deno.test("load() refuses records that were changed after the trial", async () => {
  await withRun([TRIAL], async (folder, [file]) => {
    const text = await Deno.readTextFile(file ?? "");
    await Deno.writeTextFile(file ?? "", text.replace(`"count":21000`, `"count":21001`));
    const { problems } = await load(folder);
    assertMatch(problems[0]?.message ?? "", /does not match the digest/);
  });
});

Deno.test("load() refuses records that are not those of run.json", async () => {
  await withRun([TRIAL], async (folder, [file]) => {
    await Deno.writeFile(file ?? "", closed(linesOf({ ...TRIAL, readRefaults: 1 })));
    const { problems } = await load(folder);
    assertMatch(problems[0]?.message ?? "", /not the one that run\.json gives/);
  });
});

Deno.test("load() leaves a trial that has not been run as waiting", async () => {
  await withRun([TRIAL], async (folder) => {
    await changeRun(folder, ({ trials }) => {
      Object.assign(trials[0]!, { status: "waiting", digest: null, wall_s: null });
    });
    const { tables, problems } = await load(folder);
    assertEquals([problems.length, tables.trials?.[0]?.status], [0, "waiting"]);
    assertEquals(tables.exits, undefined);
  });
});

Deno.test("load() refuses a counter that runs backwards", async () => {
  await withRun([TRIAL], async (folder, [file]) => {
    const lines = linesOf(TRIAL);
    const last = lines.findLast(({ kind, guest }) => kind === "exits" && guest === 1);
    Object.assign(last ?? {}, { count: 1 });
    await rewrite(folder, file, lines);
    const { problems } = await load(folder);
    assertMatch(problems[0]?.message ?? "", /line \d+: the counter .* has run backwards by 2/);
  });
});

Deno.test("load() gives empty tables for kinds that do not occur", async () => {
  await withRun([TRIAL], async (folder, [file]) => {
    const lines = linesOf(TRIAL).filter(({ kind }) =>
      ["host", "plan", "phases"].includes(String(kind))
    );
    await rewrite(folder, file, lines);
    const { tables, problems } = await load(folder);
    assertEquals(problems, []);
    assertEquals([tables.phases?.length, tables.exits, tables.touch], [6, [], []]);
  });
});

/** Puts other records in the place of a trial's, as if the run had ended with them. */
async function rewrite(folder: string, file: string | undefined, lines: Record<string, unknown>[]) {
  await Deno.writeFile(file ?? "", closed(lines));
  await changeRun(folder, ({ trials }) => trials[0]!.digest = null);
}

async function changeRun(folder: string, change: (run: RunFile) => unknown) {
  const run = await readRunFile(folder);
  change(run);
  await writeRunFile(join(folder, runFileName), run);
}
