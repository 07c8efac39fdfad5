// SPDX-License-Identifier: Apache-2.0
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../../base/errors.ts";
import { readRunFile, type RunFile, runFileName, writeRunFile } from "../../contract/run_file.ts";
import { type SyntheticTrial, writeSyntheticRun } from "../testdata/synthetic.ts";
import { compareRuns, compareWithFirst, type Comparison } from "./comparison.ts";
import { comparisonPage } from "./page.ts";
import { comparisonText } from "./text.ts";

const OFF = { workload: "pagecache", arm: "off", seed: 1, readRefaults: 40, fetchRefaults: 10 };
const ON = { ...OFF, arm: "on", readRefaults: 1, fetchRefaults: 0 };

type Changes = Partial<RunFile>;

/** Compares two made-up runs; the second one's run.json gets the changes. */
async function compared(
  a: SyntheticTrial[],
  b: SyntheticTrial[],
  changes: Changes = {},
): Promise<Comparison> {
  const dir = await Deno.makeTempDir();
  try {
    const [left, right] = [join(dir, "a"), join(dir, "b")];
    await writeSyntheticRun(left, a);
    await writeSyntheticRun(right, b);
    const run = { ...await readRunFile(right), run: "other", ...changes };
    await writeRunFile(join(right, runFileName), run);
    return await compareRuns(left, right);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("compareRuns() finds equal runs equal to the last number", async () => {
  const comparison = await compared([OFF, ON], [ON, OFF]);
  assertEquals([comparison.equal, comparison.different, comparison.inputs], [true, 0, []]);
  assert(comparison.compared > 50, `${comparison.compared} numbers`);
  assertEquals(comparison.pairs.map(({ label, sameRecords }) => [label, sameRecords]), [
    ["pagecache off, seed 1", true],
    ["pagecache on, seed 1", true],
  ]);
  assertStringIncludes(comparisonText(comparison), "nothing that results depend on");
});

Deno.test("compareRuns() takes nothing that is wall time for a difference", async () => {
  const slower = [OFF, ON].map((trial) => ({ ...trial, wall_s: 900, phaseWall_s: 60 }));
  const comparison = await compared([OFF, ON], slower);
  assertEquals([comparison.equal, comparison.different], [true, 0]);
  const measures = comparison.measures.map(({ measure }) => measure);
  assert(measures.includes("boot_exits") && !measures.includes("wall_s"), `${measures}`);
});

Deno.test("compareRuns() names the settings in which runs differ, and never calls them the same", async () => {
  const more = (trial: SyntheticTrial) => ({ ...trial, settings: { guests: 4 } });
  const comparison = await compared([OFF, ON], [more(OFF), more(ON)]);
  const said = "whose settings differ in guests (2 against 4) and in nothing else";
  for (const text of [comparisonText(comparison), await comparisonPage([comparison])]) {
    assertStringIncludes(text, said);
    assert(!text.includes("same settings"));
  }
  const same = await compared([OFF], [OFF]);
  assertStringIncludes(await comparisonPage([same]), "1 pair of trials with the same settings");
});

Deno.test("compareRuns() puts the largest change first, and what rises from nothing before it", async () => {
  const [before, after] = [
    [OFF, { ...ON, readRefaults: 0 }],
    [{ ...OFF, readRefaults: 41 }, { ...ON, readRefaults: 3 }],
  ];
  const { headlines } = await compared(before, after);
  assertEquals(headlines.slice(0, 2).map(({ name, arm }) => [name, arm]), [
    ["refaults", "on"],
    ["refaults", "off"],
  ]);
  const sizes = headlines.map(({ change }) => Math.abs(change ?? Infinity));
  assertEquals(sizes, [...sizes].sort((a, b) => b - a));
});

Deno.test("comparisonPage() shows which way each number went, by arrow, sign and class", async () => {
  const page = await comparisonPage([
    await compared([OFF, ON], [{ ...OFF, readRefaults: 90 }, { ...ON, readRefaults: 0 }]),
  ]);
  assertMatch(page, /class="effect up">[^]*?\u25b2 \+100\u00a0%/);
  assertMatch(page, /class="effect down">[^]*?\u25bc \u2212100\u00a0%/);
});

Deno.test("compareRuns() counts what differs, and says where", async () => {
  const comparison = await compared([OFF, ON], [{ ...OFF, readRefaults: 90 }, ON]);
  assert(!comparison.equal && comparison.exact);
  const row = comparison.measures.find(({ measure }) => measure === "read_refaults");
  assertEquals([row?.compared, row?.different], [2, 1]);
  assertEquals(row?.largest, "pagecache off, seed 1: 40 against 90");
  const [off, on] = comparison.headlines.filter(({ title }) => title.startsWith("Refaults"));
  assertEquals([off?.arm, off?.a, off?.b, off?.equalPairs], ["off", 5, 10, 0]);
  assertEquals([on?.arm, on?.equalPairs, on?.pairs], ["on", 1, 1]);
});

Deno.test("compareRuns() pairs trials of two kernel lines and names the line first", async () => {
  const other = (trial: SyntheticTrial) => ({ ...trial, settings: { kernel: "6.12" } });
  const comparison = await compared([OFF, ON], [other(OFF), other(ON)], {
    inputs: { kernel: { digest: "f".repeat(64), version: "6.12.117" } },
  });
  assertEquals(comparison.pairs.length, 2);
  assertEquals(comparison.inputs.map(({ what, a, b }) => [what, a.split(" ")[0], b]), [
    ["setting kernel", "6.1", "6.12"],
    ["kernel", "linux-source-6.1", "6.12.117 ffffffffffff"],
  ]);
});

Deno.test("compareRuns() names trials without a counterpart and compares the others", async () => {
  const comparison = await compared([OFF, { ...OFF, seed: 2 }, ON], [OFF]);
  assertEquals([comparison.pairs.length, comparison.onlyA.length, comparison.onlyB], [1, 2, []]);
  assertStringIncludes(comparisonText(comparison), "have no counterpart");
  const seeds = Array.from({ length: 6 }, (_, at) => ({ ...OFF, seed: at + 1 }));
  const text = comparisonText(await compared(seeds, [OFF]));
  assertMatch(text, /5 trials of \S+ have no counterpart: \S+, \S+, \S+ and 2 more\./);
});

Deno.test("compareWithFirst() calls the reference and packs by the names they were given", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeSyntheticRun(folder, [OFF]);
    const both = await compareWithFirst([folder, folder], [undefined, "theirs.tar.zst"]);
    const [{ a, b } = { a: null, b: null }] = both;
    assertEquals([a?.called, b?.called], [a?.run, "theirs.tar.zst"]);
    assertStringIncludes(comparisonText(both[0]!), `B: theirs.tar.zst, the run ${b?.run} (`);
    assertStringIncludes(await comparisonPage(both), `${a?.run} against theirs.tar.zst</h1>`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("compareRuns() never holds a run with drift against another as exact", async () => {
  const comparison = await compared([OFF], [OFF], { drift: true });
  assertEquals(comparison.exact, false);
  assertStringIncludes(comparisonText(comparison), "Not compared as exact: other was built from");
});

Deno.test("compareRuns() estimates differences of measured runs, and none of exact ones", async () => {
  const seeds = [1, 2, 3, 4];
  const before = seeds.map((seed) => ({ ...OFF, seed }));
  /* 10, 20, 30 and 40 refaults more, on 1000 merged pages. */
  const after = seeds.map((seed) => ({ ...OFF, seed, readRefaults: 40 + 10 * seed }));
  const [row] = (await compared(before, after, { mode: "hardware" })).headlines;
  const effect = row?.effect;
  assert(effect !== null && effect !== undefined);
  const { meanDifference, effectSize, permutation: { p } } = effect;
  const digits = [meanDifference, effectSize!, p].map((value) => value.toFixed(6));
  assertEquals(digits, [2.5, 2.5 / Math.sqrt(5 / 3), 2 / 16].map((value) => value.toFixed(6)));
  const { low, high } = effect.differenceInterval!;
  assert(1 <= low && low < 2.5 && 2.5 < high && high <= 4, `${low} to ${high}`);

  const measured = await compared(before, after, { mode: "hardware" });
  assertStringIncludes(comparisonText(measured), "+2.5 [");
  assertStringIncludes(await comparisonPage([measured]), "d_z");
  const exact = await compared(before, after);
  assertEquals(exact.headlines.map(({ effect }) => effect), exact.headlines.map(() => null));
});

Deno.test("compareRuns() refuses runs that have nothing in common or are not finished", async () => {
  await assertRejects(
    () => compared([OFF], [{ ...OFF, seed: 7 }]),
    LabError,
    "no trials in common (seed 1 against 7)",
  );
  await assertRejects(() => compared([OFF], [OFF], { finished: null }), LabError, "not finished");
});

Deno.test("comparisonPage() escapes what runs say of themselves", async () => {
  const page = await comparisonPage([
    await compared([OFF], [OFF], { host: "<b>host</b>" }),
  ]);
  assertStringIncludes(page, "&lt;b&gt;host&lt;/b&gt;");
  assert(!page.includes("<b>host"));
});
