// SPDX-License-Identifier: Apache-2.0
/** `lab view` in a real browser, started as a person starts it. */
/// <reference lib="dom" />
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import type { Page } from "puppeteer-core";
import { listQuestions, openDatabase } from "../analysis/mod.ts";
import { writeSyntheticRun } from "../analysis/testdata/synthetic.ts";
import { cacheRoot } from "../store/cache.ts";
import { run } from "../base/process.ts";
import { accessibilityFaults, downloadsOf, watch, withBrowser } from "./browser.ts";
import { root } from "./lab.ts";

/** What a slow machine may take for DuckDB to compile and for a query to end, ms. */
const READY_LIMIT_MS = 120_000;

/** The address at which runs are served while `work` goes on; then they are told to end. */
async function withView(
  folders: string[],
  work: (url: string) => Promise<void>,
): Promise<void> {
  const log = await Deno.makeTempFile({ prefix: "samepage-view-" });
  const ending = new AbortController();
  const serving = run(join(root, "lab"), ["view", ...folders], {
    purpose: "view two runs",
    timeLimit_s: 300,
    log,
    signal: ending.signal,
    env: { XDG_CACHE_HOME: dirname(cacheRoot()) },
  });
  let over = false;
  const ended = serving.catch((error) => error).finally(() => over = true);
  try {
    let url: string | undefined;
    while (url === undefined && !over) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      url = /^http:\S+$/m.exec(await Deno.readTextFile(log))?.[0];
    }
    assert(url !== undefined, await Deno.readTextFile(log));
    await work(url);
    ending.abort();
    const { status } = await serving;
    assertEquals(status, 0, "SIGTERM ends it, and that is no failure");
  } finally {
    ending.abort();
    await ended;
    await Deno.remove(log);
  }
}

async function withTwoRuns(work: (folders: [string, string]) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "samepage-view-" });
  try {
    const folders: [string, string] = [join(folder, "a"), join(folder, "b")];
    for (const [at, run] of folders.entries()) {
      const trials = ["kernels", "libraries"].flatMap((workload) =>
        ["off", "on"].flatMap((arm) =>
          [1, 2].map((seed) => {
            const readRefaults = arm === "on" ? seed : 100 * (at + 1) + seed;
            return { workload, arm, seed, readRefaults, traced: workload === "kernels" };
          })
        )
      );
      await writeSyntheticRun(run, trials);
    }
    await work(folders);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits for the query that was just sent, and gives what the page says about it. */
async function answered(page: Page): Promise<string> {
  await page.waitForFunction(
    () => !(document.querySelector("#run-query") as HTMLButtonElement).disabled,
    { timeout: READY_LIMIT_MS },
  );
  return await page.$eval("#status", (element) => element.textContent ?? "");
}

/** Puts a text in place of what the editor holds, as a reader who pastes it. */
async function put(page: Page, sql: string): Promise<void> {
  await page.focus("#sql .cm-content");
  await page.keyboard.down("Control");
  await page.keyboard.press("a");
  await page.keyboard.up("Control");
  await page.keyboard.press("Backspace");
  await page.keyboard.sendCharacter(sql);
}

/** What the editor holds. */
const written = (page: Page) =>
  page.$$eval(
    "#sql .cm-line",
    (lines) => lines.map((line) => line.textContent).join("\n"),
  );

async function write(page: Page, sql: string): Promise<string> {
  await put(page, sql);
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  return await answered(page);
}

async function open(page: Page, url: string): Promise<number> {
  await page.goto(url);
  await page.waitForSelector("html[data-ready]", { timeout: READY_LIMIT_MS });
  return await page.evaluate(() => performance.now());
}

const cells = (page: Page) =>
  page.$$eval(
    "#answer tbody tr",
    (rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)),
  );

const marks = (page: Page) =>
  page.$$eval("#chart svg .mark-symbol.role-mark path", (all) => all.length);

Deno.test("runs can be asked on a page of this machine", async () => {
  await withTwoRuns(async (folders) => {
    await withView(folders, async (url) => {
      await withBrowser(async (browser) => {
        const { page, complaints } = await watch(browser, url);
        await page.setViewport({ width: 1300, height: 1000 });
        console.log(
          `benchmark: view of two runs ready after ${Math.round(await open(page, url))} ms`,
        );
        assertEquals(await accessibilityFaults(page), []);
        await questions(page, folders);
        await together(page);
        await mistakes(page);
        await stop(page);
        await schema(page);
        await proposals(page);
        await search(page);
        assertEquals(complaints, []);
        await links(page, browser.newPage.bind(browser), url);
        await early(await browser.newPage(), url);
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
        assertEquals(await accessibilityFaults(page), []);
        assertEquals(complaints, []);
      });
    });
  });
});

/** Each of the lab's questions has as many rows as `lab query` gives, and no error. */
async function questions(page: Page, folders: string[]): Promise<void> {
  const databases = await Promise.all(folders.map((folder) => openDatabase(folder)));
  for (const { name, sql } of await listQuestions()) {
    await page.click(`button[data-question=${name}]`);
    const said = await answered(page);
    let rows = 0;
    for (const database of databases) rows += (await database.query(sql)).rows.length;
    assertStringIncludes(said, `${rows} row${rows === 1 ? "" : "s"} in`, name);
  }
  databases.forEach((database) => database.close());
}

/** One query over both runs; the file says what the table says, and it is right. */
async function together(page: Page): Promise<void> {
  await page.select("#ask", "together");
  const said = await write(
    page,
    `SELECT run, '<b>' || workload || '</b>' AS workload, arm, seed, read_refaults
     FROM refaulted JOIN trials USING (run, trial) ORDER BY ALL`,
  );
  assertStringIncludes(said, "16 rows");
  const shown = await cells(page);
  assertEquals(shown[0], ["synthetic-20260101-000000", "<b>kernels</b>", "off", "1", "101"]);
  assertEquals(shown[8], ["synthetic-20260101-000000 (2)", "<b>kernels</b>", "off", "1", "201"]);
  const csv = await downloadsOf(page, "answer.csv", () => page.click("#answer .tools button"));
  const lines = csv.trimEnd().split("\n").slice(1).map((line) => line.split(","));
  assertEquals(lines, shown as string[][]);
  const [csvButton, parquetButton] = await page.$$("#answer .tools button");
  assert(csvButton !== undefined && parquetButton !== undefined);
  const parquet = await downloadsOf(page, "answer.parquet", () => parquetButton.click());
  assert(parquet.startsWith("PAR1") && parquet.endsWith("PAR1"), parquet.slice(0, 20));
  assertEquals(await marks(page), 16, "a point a trial");
  const press = `#answer th:nth-child(5) .sort`;
  await page.click(press);
  await page.click(press);
  assertEquals((await cells(page))[0]?.[4], "202");
}

async function mistakes(page: Page): Promise<void> {
  const error = () => page.$eval("#error:not([hidden])", (element) => element.textContent ?? "");
  await write(page, "SELECT nothing FROM exits");
  assertMatch(await error(), /Binder Error: .*"nothing" not found/);
  await write(page, "SELECT * FROM 'https://example.org/rows.parquet'");
  assertMatch(await error(), /Error/);
  await write(page, "SELECT 1; SELECT 2");
  assertMatch(await error(), /it has 2 statements/);
  await write(page, "SELECT run, ksm_run FROM ksm");
  assertEquals(await page.$("#error:not([hidden])"), null);
}

async function stop(page: Page): Promise<void> {
  await put(
    page,
    "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3",
  );
  await page.click("#run-query");
  await page.waitForSelector("#stop:not(:disabled)");
  await page.click("#stop");
  assertEquals(await answered(page), "Stopped");
  assertStringIncludes(await write(page, "SELECT 1 AS one"), "1 row in");
  const many = await write(page, "SELECT range AS n FROM range(1000000)");
  assertMatch(many, /^100000 rows in .*; there are more$/);
  assertEquals((await cells(page)).length, 1000);
  assertStringIncludes(await write(page, "SELECT 2 AS two"), "1 row in");
}

/** A table tells what its columns mean, and gives its name to the query. */
async function schema(page: Page): Promise<void> {
  const exits = await page.evaluateHandle(() =>
    [...document.querySelectorAll("#schema details")].find((details) =>
      details.querySelector("summary")?.textContent === "exits"
    ) as HTMLDetailsElement
  );
  await exits.evaluate((details) => details.open = true);
  assertStringIncludes(await exits.evaluate((d) => d.textContent ?? ""), "vmexits in this phase");
  await put(page, " ");
  await page.keyboard.press("Backspace");
  await exits.evaluate((details) => details.querySelector("button")?.click());
  assertEquals(await written(page), "SELECT * FROM exits LIMIT 100");
}

/** Columns of the table that is asked are proposed, with what they mean; the one chosen is written. */
async function proposals(page: Page): Promise<void> {
  await put(page, "SELECT exits.reason_");
  await page.keyboard.down("Control");
  await page.keyboard.press("Space");
  await page.keyboard.up("Control");
  await page.waitForSelector(".cm-tooltip-autocomplete li[aria-selected]");
  const labels = await page.$$eval(
    ".cm-completionLabel",
    (all) => all.map((each) => each.textContent),
  );
  assert(labels.includes("reason_code"), labels.join());
  assert(await page.$(".sql-keyword") !== null, "keywords have a colour");
  await new Promise((resolve) => setTimeout(resolve, 200)); // a proposal just shown takes no key yet
  await page.keyboard.press("Enter");
  assertEquals(await written(page), "SELECT exits.reason_code");
}

/** The list of questions holds those with the word, and all again without. */
async function search(page: Page): Promise<void> {
  const shown = () => page.$$eval("#questions li:not([hidden])", (all) => all.length);
  const all = await shown();
  await page.type("#search", "swap");
  const found = await shown();
  assert(found > 0 && found < all, `${found} of ${all}`);
  await page.type("#search", "zzz");
  assertEquals(await shown(), 0);
  assert(await page.$("#no-question:not([hidden])") !== null);
  await page.$eval("#search", (field) => {
    (field as HTMLInputElement).value = "";
    field.dispatchEvent(new Event("input"));
  });
  assertEquals(await shown(), all);
}

/** What is written while the tables are loaded stays, and is not run before it is asked for. */
async function early(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.waitForSelector("#sql .cm-content");
  await put(page, "SELECT 42 AS mine");
  await page.waitForSelector("html[data-ready]", { timeout: READY_LIMIT_MS });
  assertEquals(await written(page), "SELECT 42 AS mine");
  await page.click("#run-query");
  assertStringIncludes(await answered(page), "2 rows in", "one of each run");
  assertEquals((await cells(page)).map((row) => row.at(-1)), ["42", "42"]);
}

/** Query, choice of chart and specification are in the address, and come back from it. */
async function links(page: Page, newPage: () => Promise<Page>, url: string): Promise<void> {
  await write(page, "SELECT run, reason, sum(count) AS n FROM exits GROUP BY ALL ORDER BY ALL");
  await page.select("#chart-tools [data-channel=mark]", "point");
  await page.select("#chart-tools [data-channel=panels]", "run");
  await page.waitForFunction(() => location.hash.includes("panels=run"));
  const [link, shown, points] = [page.url(), await cells(page), await marks(page)];
  assert(link.startsWith(`${url}#`) && points > 0, link);
  const other = await newPage();
  await open(other, link);
  assertEquals(await cells(other), shown);
  assertEquals(await marks(other), points);
  const channel = (name: string) =>
    other.$eval(`[data-channel=${name}]`, (element) => (element as HTMLSelectElement).value);
  assertEquals([await channel("mark"), await channel("panels")], ["point", "run"]);

  const spec = JSON.stringify({
    data: { name: "answer" },
    mark: "rule",
    encoding: { x: { field: "n", type: "quantitative" } },
  });
  await other.$eval("#spec-details", (details) => (details as HTMLDetailsElement).open = true);
  await other.$eval("#spec", (area, text) => {
    (area as HTMLTextAreaElement).value = text;
  }, spec);
  await other.click("#draw-spec");
  await other.waitForSelector("#chart svg .mark-rule line");
  await other.waitForFunction(() => location.hash.includes("spec="));
  const written = other.url();
  await other.goto("about:blank");
  await open(other, written);
  await other.waitForSelector("#chart svg .mark-rule line");
  await other.close();
}
