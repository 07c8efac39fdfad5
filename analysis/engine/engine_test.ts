// SPDX-License-Identifier: Apache-2.0
/**
 * All tests that open DuckDB. Compiling it takes seconds, and a closed engine is used again, but only
 * within one file of tests: so they all stand in this one.
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { LabError } from "../../base/errors.ts";
import { openDatabase } from "../tables/database.ts";
import { openEngine } from "./open.ts";
import { reply, runQuery } from "../questions/query.ts";
import { writeParquet } from "../tables/parquet.ts";
import { findingsOf } from "../findings/findings.ts";
import { listQuestions, readQuestion } from "../questions/questions.ts";
import { writeReport } from "../report/report.ts";
import { readSchema } from "../tables/schema.ts";
import { MADE_UP } from "../testdata/made_up_answers.ts";
import { MADE_UP_HOST, madeUpRun } from "../../contract/testdata/run_file.ts";
import { MADE_UP_HOSTS } from "../testdata/hosts.ts";
import { reasonRows } from "../load/reason_rows.ts";
import { SHADOW_EXPLANATIONS } from "../testdata/shadow_trace.ts";
import { EXPLANATIONS } from "../testdata/trace.ts";
import { type SyntheticTrial, writeSyntheticRun } from "../testdata/synthetic.ts";

const QUERIED = { workload: "kernels", arm: "off", seed: 1, sharing: 400, shared: 100 };

const MERGED = { workload: "libraries", shared: 100, sharing: 400 };

const TRIALS: SyntheticTrial[] = [
  // 500 merged pages each: 60 and 100 refaults are 12 and 20 per 100 merged pages, mean 16.
  { ...MERGED, arm: "off", seed: 1, readRefaults: 50, fetchRefaults: 10 },
  { ...MERGED, arm: "off", seed: 2, readRefaults: 90, fetchRefaults: 10 },
  // 2 and 6 refaults are 0.4 and 1.2, mean 0.8: 95.0 % fewer; by seed 96.7 % and 94.0 %.
  { ...MERGED, arm: "on", seed: 1, readRefaults: 2, updated: 480 },
  { ...MERGED, arm: "on", seed: 2, readRefaults: 6, updated: 520 },
  { workload: "libraries", arm: "on", seed: 3, failure: "guest 1 <died>" },
];

Deno.test("a query has a limit of memory, and its answer one of values", async () => {
  const engine = await openEngine();
  const { rows } = await engine.query(
    "SELECT current_setting('memory_limit') AS memory, current_setting('temp_directory') AS disk",
  );
  assertEquals(rows, [{ memory: "2.0 GiB", disk: "" }]);
  const columns = Array.from({ length: 11 }, (_, at) => `range + ${at} AS c${at}`);
  await assertRejects(
    () => engine.query(`SELECT ${columns} FROM range(1000000)`),
    LabError,
    "it has more than 10,000,000 values",
  );
  assertEquals((await engine.query("SELECT 1 AS a")).rows, [{ a: 1 }]);
  engine.close();
});

Deno.test("compress() makes tables small, whose answers stay the same", async () => {
  const engine = await openEngine();
  await engine.query("CREATE TABLE rows (trial VARCHAR, phase VARCHAR, count BIGINT)");
  for (const from of [0, 40_000]) {
    const rows = Array.from({ length: 40_000 }, (_, at) => {
      const trial = `kernels-off-s${Math.floor((from + at) / 90)}-fb980456`;
      return { trial, phase: at % 2 === 0 ? "merge" : "touch", count: at % 1000 };
    });
    await engine.insert("rows", rows);
  }
  const taken = async () => {
    const sum = "SELECT sum(memory_usage_bytes)::BIGINT AS bytes FROM duckdb_memory()";
    return Number((await engine.query(sum)).rows[0]!.bytes);
  };
  const question = "SELECT trial, phase, sum(count) AS n FROM rows GROUP BY ALL ORDER BY ALL";
  const [loose, before] = [await taken(), await engine.query(question)];
  await engine.compress();
  assertEquals(await engine.query(question), before);
  const small = await taken();
  assert(small < loose / 4, `${small} of ${loose} bytes`);
  engine.close();
});

Deno.test("openEngine() answers with plain values and distinct names", async () => {
  const engine = await openEngine();
  const { columns, rows } = await engine.query(
    "SELECT 1 AS a, 2::BIGINT AS a, sum(3::BIGINT) AS s, 1.25::DECIMAL(4,2) AS d, -7::HUGEINT AS h, " +
      "9223372036854775807 AS big, [1, NULL] AS l, NULL AS n, true AS t",
  );
  assertEquals(columns, ["a", "a_2", "s", "d", "h", "big", "l", "n", "t"]);
  assertEquals(Object.values(rows[0] ?? {}), [
    ...[1, 2, 3, 1.25, -7],
    ...["9223372036854775807", [1, null], null, true],
  ]);
  engine.close();
});

Deno.test("openEngine() refuses files, extensions and a change of that", async () => {
  const engine = await openEngine();
  for (
    const sql of [
      "SELECT * FROM read_csv('deno.json')",
      "COPY (SELECT 1) TO 'out.csv'",
      "LOAD parquet",
      "SELECT * FROM read_parquet('x')",
      "SET enable_external_access = true",
    ]
  ) await assertRejects(() => engine.query(sql), LabError);
  const error = await assertRejects(() => engine.query("SELECT nope"), LabError);
  assertMatch(error.message, /^Cannot run the query: Binder Error: .*"nope"/);
  engine.close();
});

Deno.test("openEngine() starts empty, and as closed to the outside, after another was closed", async () => {
  const first = await openEngine();
  await first.query("CREATE TABLE t (a BIGINT)");
  first.close();
  const second = await openEngine();
  await assertRejects(() => second.query("SELECT * FROM t"), LabError);
  await assertRejects(() => second.query("SET enable_external_access = true"), LabError);
  second.close();
});

Deno.test("every question can be asked of a run of one arm, one seed and a failed trial", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const trial = { workload: "kernels", arm: "off", seed: 1, readRefaults: 10, sharing: 400 };
    await writeSyntheticRun(folder, [trial, { ...trial, arm: "on", failure: "guest 1 died" }]);
    const database = await openDatabase(folder);
    const sizes: Record<string, number> = {};
    for (const { name, sql, question } of await listQuestions()) {
      assertMatch(question, /\?$/);
      sizes[name] = (await database.query(sql)).rows.length;
    }
    assertEquals(sizes, {
      cost_of_breaks: 0,
      breaks_and_remerges: 6,
      carriers: 0,
      census: 0,
      content_kept: 2,
      content_read: 6,
      control_by_phase: 0,
      convergence: 1,
      cross_check: 1,
      density: 0,
      disturbances: 0,
      emulation_speed: 1,
      emulators: 0,
      exclusions: 2,
      exits_by_reason_and_phase: 6 * 5,
      faults_by_cause: 0,
      flushes_per_merged_page: 0,
      guest_boot: 1,
      guest_page_tables: 0,
      host_costs: 0,
      hosts: 1,
      kernel_lines: 0,
      machine_costs: 0,
      mapped_in_place: 6,
      memory_over_phases: 6,
      npt_against_shadow: 0,
      observer: 0,
      off_against_stock: 0,
      outside_exits: 0,
      outside_guests: 0,
      outside_ksm: 0,
      outside_merging: 0,
      outside_rates: 0,
      outside_remarks: 0,
      outside_sources: 0,
      page_table_walk_faults: 6,
      primitive_costs: 0,
      refault_cost: 0,
      refaults_per_merged_page: 1,
      scaling_with_guests: 0,
      scan_rate: 0,
      shared_by_whom: 0,
      sharing_over_time: 3 + 1 + 6 + 2,
      swapping: 0,
      touch_cost: 3,
      touch_cost_distribution: 13,
      trace_cross_check: 0,
      transparency: 0,
      unexplained_faults: 0,
      while_merging: 0,
    });
    const { rows } = await database.query("SELECT count(*) AS n FROM failures");
    assertEquals(rows, [{ n: 1 }]);
    database.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every question answers the same of two virtual CPUs as of one that does the work of both", async () => {
  const answersOf = async (vcpus: number) => {
    const folder = await Deno.makeTempDir();
    try {
      await writeSyntheticRun(folder, TRIALS.map((trial) => ({ ...trial, vcpus })));
      const database = await openDatabase(folder);
      const answers: Record<string, unknown> = {};
      for (const { name, sql } of await listQuestions()) {
        const { rows } = await database.query(sql);
        // The name of a trial has a digest of what it was made of.
        answers[name] = rows.map((row) => ({ ...row, trial: String(row.trial).slice(0, -8) }));
      }
      const { rows: [count] } = await database.query("SELECT count(DISTINCT vcpu) AS n FROM exits");
      assertEquals(count?.n, vcpus);
      database.close();
      return answers;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
  assertEquals(await answersOf(2), await answersOf(1));
});

Deno.test("findings say what questions answer about made-up tables", async () => {
  const { sql: schema } = await readSchema();
  for (const { question, finding, tables, sentences } of MADE_UP) {
    const engine = await openEngine();
    await engine.query(schema);
    const host = tables.trials!.map(({ trial }) => ({ trial: trial!, ...MADE_UP_HOST }));
    const all = { ...tables, host, reasons: reasonRows() };
    for (const [table, rows] of Object.entries(all)) await engine.insert(table, rows);
    const { rows } = await engine.query((await readQuestion(question)).sql);
    const answers = { [question]: rows, hosts: MADE_UP_HOSTS };
    const said = findingsOf({ run: madeUpRun(), answers })
      .find(({ id }) => id === finding);
    assertEquals(said?.sentences.map((text) => text.replaceAll("\u00a0", " ")), sentences);
    engine.close();
  }
});

Deno.test("fault_causes explains each fault of a traced trial by what became of its mapping", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const trial = { workload: "kernels", arm: "off", seed: 1 };
    await writeSyntheticRun(folder, [{ ...trial, traced: true }]);
    const database = await openDatabase(folder);
    const { rows } = await database.query(
      "SELECT gfn, cause, changed_by FROM fault_causes ORDER BY trial_number, seq",
    );
    assertEquals(rows.map((row) => Object.values(row)), EXPLANATIONS.map((each) => [...each]));
    const { sql } = await readQuestion("unexplained_faults");
    const { rows: [row] } = await database.query(sql);
    // The trace ends with the third phase, before that which is called `merge` here.
    assertEquals([row?.faults, row?.unexplained, row?.after_merge], [11, 1, 0]);
    database.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("fault_causes explains each fault under shadow paging by what KVM did about it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const trial = { workload: "kernels", arm: "off", seed: 1, traced: true };
    await writeSyntheticRun(folder, [{ ...trial, settings: { mmu: "shadow" } }]);
    const database = await openDatabase(folder);
    const { rows } = await database.query("SELECT gfn, cause FROM fault_causes ORDER BY seq");
    assertEquals(
      rows.map((row) => Object.values(row)),
      SHADOW_EXPLANATIONS.map((each) => [...each]),
    );
    database.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("runQuery() answers SQL from a thread of its own", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeSyntheticRun(folder, [QUERIED]);
    const answer = await runQuery(
      folder,
      "SELECT sum(count) AS n FROM exits WHERE reason = 'IOIO'",
    );
    assertEquals(answer, { columns: ["n"], rows: [{ n: 42_000 }], problems: [] });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("reply() turns wrong SQL and a missing run into messages", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const missing = await reply({ runFolder: folder, sql: "SELECT 1" });
    assert("message" in missing);
    assertMatch(missing.message, /it has no run\.json/);
    await writeSyntheticRun(folder, [QUERIED]);
    const wrong = await reply({ runFolder: folder, sql: "SELECT 1 FROM nope" });
    assert("message" in wrong);
    assertMatch(wrong.message, /^Cannot run the query: Catalog Error: Table with name nope/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Reads a file of writeParquet() back with another library. */
async function readParquet(folder: string, table: string) {
  const file = (await Deno.readFile(join(folder, `${table}.parquet`))).buffer;
  return { rows: await parquetReadObjects({ file }), metadata: parquetMetadata(file) };
}

Deno.test("writeParquet() keeps every table, value, type and comment", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const traced = { workload: "kernels", arm: "off", seed: 1, traced: true };
    await writeSyntheticRun(folder, [...TRIALS, traced, { ...traced, seed: 2 }]);
    const database = await openDatabase(folder);
    const data = join(folder, "data");
    for (const file of await writeParquet(database, data)) {
      const table = file.replace(".parquet", "");
      const expected = await database.query(`SELECT * FROM ${table} ORDER BY rowid`);
      const { rows } = await readParquet(data, table);
      const plain = rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, v]) => [name, typeof v === "bigint" ? Number(v) : v]),
        )
      );
      assertEquals(plain, expected.rows, table);
    }
    const { metadata } = await readParquet(data, "faults");
    assertEquals(
      metadata.schema.slice(1).map((column) => column.type).join(" "),
      "BYTE_ARRAY BYTE_ARRAY INT64 INT64 INT64 INT64 BYTE_ARRAY BOOLEAN BOOLEAN BOOLEAN INT64",
    );
    const said = metadata.key_value_metadata?.find(({ key }) => key === "count")?.value;
    assertEquals(said, "second-level page faults in this phase");
    // A table without rows has its columns all the same.
    const empty = await readParquet(data, "logs");
    assertEquals([empty.rows.length, empty.metadata.schema.length], [0, 1 + 6]);
    database.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const part of ["", "figures", "tables"]) {
    for await (const { name, isFile } of Deno.readDir(join(folder, part))) {
      if (isFile) files.set(join(part, name), await Deno.readTextFile(join(folder, part, name)));
    }
  }
  return files;
}

Deno.test("writeReport() states what can be computed by hand, and twice the same bytes", async () => {
  const folder = await Deno.makeTempDir();
  const warnings: unknown[] = [];
  const warn = console.warn;
  console.warn = (...args) => warnings.push(args);
  try {
    await writeSyntheticRun(folder, TRIALS);
    const { index, problems } = await writeReport(folder);
    assertEquals(problems, []);
    const first = await filesOf(folder);
    const html = (await Deno.readTextFile(index)).replaceAll("\u00a0", " ");
    const page = html.replaceAll(/<a class="term"[^>]*>([^<]*)<\/a>/g, "$1");

    assertStringIncludes(page, "of the refaults in libraries (");
    assertStringIncludes(
      page,
      "off took 16 read and fetch refaults per 100 merged pages after merging, on took 0.8: 95.0 % fewer " +
        "(2 seeds, all between 94.0 % and 96.7 %). Counted: 160 refaults in off, 8 in on.",
    );
    // 2 guests of 1000 pages; a refault of 20,000 ticks in place of one of 12, per guest 30 and 50:
    // 612 and 1,011 ticks a page, mean 812, 8 ticks an instruction. The refault's own: 19,988 / 8.
    assertStringIncludes(page, "off took 101 instructions per page touched in the first round");
    assertStringIncludes(page, "In libraries, one refault costs the guest 2,499 instructions");
    assertStringIncludes(page, "Merging freed 80 MiB in off and 80 MiB in on in libraries.");
    assertMatch(
      page,
      /Mappings changed in place<\/p>[^]*?>libraries<\/th><td class="number">0<\/td><td class="number">500<\/td>/,
    );
    assertStringIncludes(page, "Yes: 12 of 12 checksums are equal in all arms.");
    assertStringIncludes(page, "The vmexits equal KVM’s exits exactly in 4 trials.");
    assertStringIncludes(page, "apart, equal KVM’s pf_taken exactly in 4 trials.");
    assertStringIncludes(page, "1 trial of 5 failed.");
    assertStringIncludes(page, "guest 1 &lt;died&gt;");
    assertStringIncludes(page, "Kernel panic &lt;not syncing&gt;");
    assertStringIncludes(page, "Made-up numbers &lt;for tests&gt;");
    assert(!/<died>|<not syncing>|<for tests>|<CPU>/.test(page), "data was not escaped");
    assertEquals(page.match(/<svg role="img" aria-label="[^"]+"/g)?.length, 6);
    const text = page.replaceAll(/<(script|footer)\b[^]*?<\/\1>/g, "");
    assert(!/<link|<img|src=|url\(http|@import/.test(text), "the page wants something else");
    assert(!/NaN|undefined|\[object/.test(text), "a value has no form");

    assertMatch(
      first.get("tables/refaults_per_merged_page.csv") ?? "",
      /\nlibraries,,off,1,libraries-off-s1-\w+,60,50,10,500,2000,0\.12,0\.03\n/,
    );
    const spec = JSON.parse(first.get("figures/refaults.vl.json") ?? "{}");
    assertEquals(spec.datasets.refaults_per_merged_page.length, 4);
    assertEquals(
      [...first.keys()].filter((name) => !name.endsWith(".tex")).length,
      // The page, the artifact appendix, references, figures in four files each, the answers, and four
      // tables that are none.
      3 + 6 * 3 + (await listQuestions()).length + 4,
    );
    // Its text stays text, and takes its font along.
    assertMatch(first.get("figures/refaults.pdf") ?? "", /^%PDF-[^]*\/ToUnicode[^]*\/FontFile2/);
    assertEquals(warnings, []);

    await writeReport(folder);
    assertEquals(await filesOf(folder), first);
  } finally {
    console.warn = warn;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeReport() writes a report of a run in which every trial failed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeSyntheticRun(folder, [{
      workload: "kernels",
      arm: "off",
      seed: 1,
      failure: "no boot",
    }]);
    const { index } = await writeReport(folder);
    const page = await Deno.readTextFile(index);
    assertStringIncludes(page, "No comparison of refaults is made");
    assertStringIncludes(page, "no boot");
    assert(!page.includes("<figure>"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeReport() says how far two emulators are apart on the same host", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeSyntheticRun(
      folder,
      ([["npt", 200], ["npt-bochs", 190]] as const).map(([mmu, readRefaults]) => ({
        ...{ workload: "pagecache", arm: "off", seed: 1, settings: { mmu }, readRefaults },
      })),
    );
    const { index } = await writeReport(folder);
    const page = (await Deno.readTextFile(index)).replaceAll("\u00a0", " ");
    assertStringIncludes(page, "(QEMU 200, \u22125.0 %)");
    assertMatch(page, /these counts are apart by [\d.]+ % of the merged pages at most/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writeReport() draws a figure of its own for each factor that the run varies", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const trials: SyntheticTrial[] = [];
    for (const mmu of ["npt", "shadow"]) {
      for (const guests of [2, 4]) {
        for (const [arm, refaults] of [["stock", 50], ["off", 51], ["on", 1]] as const) {
          const settings = { mmu, guests };
          const readRefaults = guests * refaults;
          trials.push({ workload: "pagecache", arm, seed: 1, settings, readRefaults });
        }
      }
    }
    await writeSyntheticRun(folder, trials);
    const { index } = await writeReport(folder);
    const page = (await Deno.readTextFile(index)).replaceAll("\u00a0", " ");
    // 1000 merged pages: 4 * 51 and 4 * 1 refaults.
    assertStringIncludes(
      page,
      "In pagecache (guests=4), off took 20.4 refaults per 100 merged pages with shadow paging on AMD, on took 0.4",
    );
    assertStringIncludes(
      page,
      "Refaults per guest in pagecache (mmu=npt): off took 51 with 2 guests and 51 with 4 guests, " +
        "stock took 50 with 2 guests and 50 with 4 guests and on took 1 with 2 guests and 1 with 4 guests.",
    );
    assertStringIncludes(
      page,
      "Off minus stock in pagecache (guests=2, mmu=npt) (1 pair of trials): refaults 2.0 %,",
    );
    const drawn = [...(await filesOf(folder)).keys()].filter((name) => name.endsWith(".pdf"));
    for (const name of ["npt_against_shadow", "off_against_stock", "scaling_with_guests"]) {
      assert(drawn.includes(`figures/${name}.pdf`), `no figure ${name}`);
    }
    assert(!drawn.includes("figures/kernel_lines.pdf"), "a figure of a factor that does not vary");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
