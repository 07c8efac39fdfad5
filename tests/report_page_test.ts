// SPDX-License-Identifier: Apache-2.0
/** The report in a real browser, opened from its file as a reader does. */
/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import type { Page } from "puppeteer-core";
import { writeReport } from "../analysis/mod.ts";
import { type SyntheticTrial, writeSyntheticRun } from "../analysis/testdata/synthetic.ts";
import { accessibilityFaults, downloadsOf, watch, withBrowser } from "./browser.ts";

/** Made-up numbers: what is tested is the page. */
function trials(): SyntheticTrial[] {
  return ["kernels", "libraries"].flatMap((workload) =>
    ["stock", "off", "on"].flatMap((arm) =>
      [1, 2, 3].map((seed): SyntheticTrial => {
        const readRefaults = arm === "on" ? seed : 100 + 10 * seed;
        return { workload, arm, seed, readRefaults, updated: arm === "on" ? 100 : 0 };
      })
    )
  );
}

async function withReport(
  work: (folder: string) => Promise<void>,
  run: SyntheticTrial[] = [
    ...trials(),
    { workload: "kernels", arm: "on", seed: 4, failure: "guest 1 <i>died</i>" },
  ],
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "samepage-report-" });
  try {
    await writeSyntheticRun(folder, run);
    await writeReport(folder);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Scrolls through the page, as figures are drawn when they come near. */
async function drawAll(page: Page): Promise<void> {
  const figures = await page.$$("figure");
  for (const figure of figures) {
    await figure.evaluate((element) => element.scrollIntoView());
    await page.waitForFunction((element) => element.querySelector(".live svg"), {}, figure);
  }
}

const rowNames = (page: Page, table: string) =>
  page.$$eval(`${table} tbody tr > :first-child`, (cells) => cells.map((cell) => cell.textContent));

Deno.test("the report opens from its file, alone, and can be asked", async () => {
  await withReport(async (folder) => {
    const url = toFileUrl(join(folder, "index.html")).href;
    await withBrowser(async (browser) => {
      const { page, complaints } = await watch(browser, url);
      await page.setViewport({ width: 1100, height: 900 });
      await page.goto(url);
      await page.waitForSelector("html[data-ready]");
      const { painted_ms, ready_ms } = await page.evaluate(() => {
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        return { painted_ms: paint?.startTime ?? 0, ready_ms: performance.now() };
      });
      const { size } = await Deno.stat(join(folder, "index.html"));
      const painted = `painted after ${Math.round(painted_ms)} ms`;
      const ready = `ready after ${Math.round(ready_ms)} ms`;
      console.log(`benchmark: report of ${(size / 1e6).toFixed(2)} MB ${painted}, ${ready}`);
      assert(size < 2e6, `the report has ${size} bytes`);
      await drawAll(page);

      await hover(page);
      await choose(page);
      await sort(page);
      await downloadTable(page, folder);
      await darken(page);
      await page.setViewport({ width: 390, height: 844 });
      await drawAll(page);
      const beyond_px = () =>
        page.evaluate(() =>
          document.documentElement.scrollWidth - document.documentElement.clientWidth
        );
      assertEquals(await beyond_px(), 0, "on a telephone the page can be pushed sideways");
      await page.setViewport({ width: 1100, height: 900 });
      await print(page);
      assertEquals(complaints, []);
    });
  });
});

Deno.test("a figure says the same in the same order with the page's script as without", async () => {
  const run = [2, 16].flatMap((guests) =>
    ["off", "on"].map((arm): SyntheticTrial => {
      return { workload: "kernels", arm, seed: 1, settings: { guests }, readRefaults: guests };
    })
  );
  await withReport(async (folder) => {
    await withBrowser(async (browser) => {
      const page = await browser.newPage();
      await page.goto(toFileUrl(join(folder, "index.html")).href);
      await page.$eval("#refaults", (element) => element.scrollIntoView());
      await page.waitForSelector("#refaults .live svg");
      const textsIn = (drawing: string) =>
        page.$$eval(`#refaults ${drawing} text`, (all) => all.map((text) => text.textContent));
      const texts = await textsIn(".live");
      assertEquals(texts, await textsIn(".drawing:not(.live)"));
      assertEquals(texts.filter((text) => text?.includes("guests=")), [
        "kernelsguests=2",
        "kernelsguests=16",
      ]);
    });
  }, run);
});

/** The pointer on a point of the first figure says which trial it is. */
async function hover(page: Page): Promise<void> {
  const point = await page.waitForSelector("#glance .live .mark-symbol path");
  await point!.evaluate((element) => element.scrollIntoView({ block: "center" }));
  await point!.hover();
  const tip = await page.waitForSelector("#vg-tooltip-element.visible");
  const text = await tip!.evaluate((element) => element.textContent ?? "");
  assertMatch(text, /seed\d.*refaults per 100 merged pages\d/);
  await page.mouse.move(0, 0);
}

/** A workload is chosen for all figures, a phase for one of them. */
async function choose(page: Page): Promise<void> {
  const workloads = ["kernels", "libraries"];
  assertEquals(await namesIn(page, "#glance", workloads), new Set(workloads));
  await page.select("#toolbar select", "kernels");
  await untilNames(page, "#glance", workloads, 1);
  const phases = ["boot", "merge", "touch"];
  await page.$eval("#exits", (element) => element.scrollIntoView());
  assertEquals(await namesIn(page, "#exits", phases), new Set(phases));
  await page.select("#exits .tools select", "touch");
  await untilNames(page, "#exits", phases, 1);
  assertEquals(await namesIn(page, "#exits", phases), new Set(["touch"]));
  await chosenEverywhere(page);
  await page.select("#toolbar select", "all");
  assertEquals(await page.evaluate(() => location.hash), "");
}

/** Tables have the chosen workload alone, and so has a link to the page as it is. */
async function chosenEverywhere(page: Page): Promise<void> {
  assertEquals(await page.evaluate(() => location.hash), "#workload=kernels");
  const shown = () =>
    page.$$eval(
      "#trials tr[data-workload]",
      (rows) => rows.filter((row) => row.checkVisibility()).map((row) => row.dataset.workload),
    );
  assertEquals(new Set(await shown()), new Set(["kernels"]));
  await page.$eval("#contents a[href='#exits']", (link) => (link as HTMLElement).click());
  await page.waitForFunction(() => location.hash === "#exits&workload=kernels");
  assertEquals(new Set(await shown()), new Set(["kernels"]));
  await page.evaluate(() => location.hash = "");
  await page.waitForFunction(() => location.hash === "#workload=kernels");
}

/** Which of some names stand in a figure. */
async function namesIn(page: Page, figure: string, names: string[]): Promise<Set<string>> {
  const texts = await page.$$eval(`${figure} .live text`, (all) => all.map((t) => t.textContent));
  return new Set(names.filter((name) => texts.includes(name)));
}

async function untilNames(page: Page, figure: string, names: string[], count: number) {
  const deadline = Date.now() + 10_000;
  while ((await namesIn(page, figure, names)).size !== count) {
    assert(Date.now() < deadline, `${figure} still shows other things than were chosen`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** By keyboard: a heading is reached, and sorts up and down. */
async function sort(page: Page): Promise<void> {
  const heads = await page.$$("#trials th .sort");
  await heads[0]!.focus();
  await page.keyboard.press("Enter");
  const upward = await rowNames(page, "#trials");
  assertEquals(upward, [...upward].sort((a, b) => a!.localeCompare(b!, "en", { numeric: true })));
  await page.keyboard.press("Enter");
  assertEquals(await rowNames(page, "#trials"), upward.toReversed());
  const state = await page.$eval("#trials th[aria-sort]", (head) => head.getAttribute("aria-sort"));
  assertEquals(state, "descending");
}

/** What is downloaded from the page is what lies in tables/. */
async function downloadTable(page: Page, folder: string): Promise<void> {
  const details = "#tables details[data-table=exits_by_reason_and_phase]";
  await page.click(`${details} > summary`);
  await page.waitForSelector(`${details} table`);
  const name = "exits_by_reason_and_phase.csv";
  const content = await downloadsOf(page, name, () => page.click(`${details} .tools button`));
  assertEquals(content, await Deno.readTextFile(join(folder, "tables", name)));
}

/** Dark by the reader's system, and back by the button; both are legible. */
async function darken(page: Page): Promise<void> {
  const background = () => page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
  assertEquals(await accessibilityFaults(page), []);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  assertEquals(await background(), "rgb(21, 23, 26)");
  assertEquals(await accessibilityFaults(page), []);
  await page.click("#theme");
  assertEquals(await background(), "rgb(255, 255, 255)");
}

/** Paper gets the still figures, in light. */
async function print(page: Page): Promise<void> {
  await page.emulateMediaType("print");
  const shown = await page.$$eval("figure .drawing", (drawings) =>
    drawings.map((drawing) => [
      drawing.classList.contains("live"),
      getComputedStyle(drawing).display !== "none",
    ]));
  assert(shown.every(([live, visible]) => live !== visible), JSON.stringify(shown));
  await page.emulateMediaType("screen");
}

Deno.test("the report without JavaScript has its figures, tables and sentences", async () => {
  await withReport(async (folder) => {
    const url = toFileUrl(join(folder, "index.html")).href;
    await withBrowser(async (browser) => {
      const { page, complaints } = await watch(browser, url);
      await page.setJavaScriptEnabled(false);
      await page.goto(url);
      const figures = await page.$$("figure svg");
      assert(figures.length > 4);
      for (const figure of figures) assert((await figure.boundingBox())!.height > 50);
      assertEquals(await page.$$eval("#toolbar", ([bar]) => bar!.checkVisibility()), false);
      assertEquals((await page.$$("i, b")).length, 0);
      assertEquals(complaints, []);
    });
  });
});
