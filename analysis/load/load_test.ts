import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
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

Deno.test("load() keeps exit codes without a name as numbers", async () => {
  await withRun([TRIAL], async (folder) => {
    const { tables } = await load(folder);
    const named = new Map(tables.exits?.map(({ reason_code, reason }) => [reason_code, reason]));
    assertEquals(named.get(0x400), "NPF");
    assertEquals(named.get(0xdead), null);
  });
});

Deno.test("load() decodes page fault error codes beyond 32 bits", async () => {
  await withRun([TRIAL], async (folder) => {
    const { tables } = await load(folder);
    const walk = tables.faults?.find(({ guest_walk }) => guest_walk === true);
    assertEquals([walk?.access, walk?.present, walk?.error_code], ["write", true, 0x2_0000_0007]);
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
    [(lines) => delete lines[3]?.full_scans, /line 4: field "full_scans" of the ksm record/],
    [(lines) => Object.assign(lines[2] ?? {}, { kind: 7 }), /line 3: the field "kind" is missing/],
    [(lines) => Object.assign(lines[1] ?? {}, { event: "end" }), /line 2: phase "boot" ends but/],
  ];
  for (const [breakIt, message] of wrong) {
    await withRun([TRIAL], async (folder, [file]) => {
      const lines = linesOf(TRIAL);
      lines.splice(2, 0, { t_ns: 0, phase: "boot", kind: "log", source: "host", text: "hello" });
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
    const path = join(folder, "run.json");
    const run = JSON.parse(await Deno.readTextFile(path));
    Object.assign(run.trials[0], { status: "waiting", digest: null, wall_s: null });
    await Deno.writeTextFile(path, JSON.stringify(run));
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
    const lines = linesOf(TRIAL).filter(({ kind }) => kind === "phase" || kind === "plan");
    await rewrite(folder, file, lines);
    const { tables, problems } = await load(folder);
    assertEquals(problems, []);
    assertEquals([tables.phases?.length, tables.exits, tables.touch], [6, [], []]);
  });
});

Deno.test("load() names the field of a broken run.json, and the folder that has none", async () => {
  await withRun([TRIAL], async (folder) => {
    const path = join(folder, "run.json");
    const run = JSON.parse(await Deno.readTextFile(path));
    run.trials[0].settings.seed = { deep: 1 };
    await Deno.writeTextFile(path, JSON.stringify(run));
    assertMatch(await messageOf(load(folder)), /field "trials\.0\.settings\.seed" is wrong/);
    await Deno.writeTextFile(path, "{");
    assertMatch(await messageOf(load(folder)), /it is not JSON/);
    assertMatch(await messageOf(load(join(folder, "nowhere"))), /it has no run\.json/);
  });
});

Deno.test("load() refuses records outside the run folder", async () => {
  await withRun([TRIAL], async (folder) => {
    const path = join(folder, "run.json");
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace(`"trials/`, `"../trials/`));
    assertMatch(await messageOf(load(folder)), /lie outside the run folder/);
  });
});

/** Puts other records in the place of a trial's, as if the run had ended with them. */
async function rewrite(folder: string, file: string | undefined, lines: Record<string, unknown>[]) {
  await Deno.writeFile(file ?? "", closed(lines));
  const path = join(folder, "run.json");
  const run = JSON.parse(await Deno.readTextFile(path));
  run.trials[0].digest = null;
  await Deno.writeTextFile(path, JSON.stringify(run));
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof LabError) return error.message;
    throw error;
  }
  return "no error";
}
