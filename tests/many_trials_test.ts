// SPDX-License-Identifier: Apache-2.0
/** The report of many trials in a real browser: how large it is, and how soon it is there. */
/// <reference lib="dom" />
import { assert, assertEquals } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import type { Page } from "puppeteer-core";
import { writeReport } from "../analysis/mod.ts";
import { type SyntheticTrial, writeSyntheticRun } from "../analysis/testdata/synthetic.ts";
import { casesOf } from "../base/whole_tests.ts";
import { watch, withBrowser } from "./browser.ts";

const mostBytes = 5e6;
/** Of the page's own thread, which is what a quiet machine's reader waits for. */
const mostOpening_s = 3;

/** Made-up numbers, each trial with others. */
function trials(count: number): SyntheticTrial[] {
  return ["kernels", "libraries"].flatMap((workload) =>
    ["off", "on"].flatMap((arm) =>
      Array.from({ length: count / 4 }, (_, at): SyntheticTrial => {
        const readRefaults = arm === "on" ? at % 7 : 100 + (at * 37) % 50;
        return { workload, arm, seed: at + 1, readRefaults, updated: arm === "on" ? 100 : 0 };
      })
    )
  );
}

/** From the beginning of its navigation, ms; and time of the page's own thread, s. */
interface Opening {
  painted_ms: number;
  ready_ms: number;
  /** The first figure can be hovered. */
  live_ms: number;
  thread_s: number;
}

/** When marks of the page appear, noted by the page itself: who asks from outside waits for his turn. */
const noted = () => {
  const marks = { "html[data-ready]": "ready", "figure .live svg": "live" };
  new MutationObserver(() => {
    for (const [selector, name] of Object.entries(marks)) {
      if (performance.getEntriesByName(name).length > 0) continue;
      if (document.querySelector(selector) !== null) performance.mark(name);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
};

async function opened(page: Page, url: string): Promise<Opening> {
  const session = await page.createCDPSession();
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.evaluateOnNewDocument(noted);
  await page.goto(url);
  const names = ["first-contentful-paint", "ready", "live"];
  await page.waitForFunction(
    (names) => names.every((name) => performance.getEntriesByName(name).length > 0),
    {},
    names,
  );
  const [painted_ms, ready_ms, live_ms] = await page.evaluate(
    (names) => names.map((name) => performance.getEntriesByName(name)[0]!.startTime),
    names,
  );
  const { metrics } = await session.send("Performance.getMetrics");
  const thread_s = metrics.find(({ name }) => name === "TaskDuration")!.value;
  return { painted_ms: painted_ms!, ready_ms: ready_ms!, live_ms: live_ms!, thread_s };
}

const inWhole = (value: number) => Math.round(value).toLocaleString("en");

for (const count of casesOf([10_000], () => [600])) {
  Deno.test(`a report of ${inWhole(count)} trials is small and opens at once`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "samepage-many-" });
    try {
      await writeSyntheticRun(folder, trials(count));
      const { seconds, problems } = await writeReport(folder);
      assertEquals(problems, []);
      const path = join(folder, "index.html");
      const { size } = await Deno.stat(path);
      await withBrowser(async (browser) => {
        const url = toFileUrl(path).href;
        const { page, complaints } = await watch(browser, url);
        await page.setViewport({ width: 1280, height: 860 });
        const { painted_ms, ready_ms, live_ms, thread_s } = await opened(page, url);
        console.log(
          `benchmark: report of ${inWhole(count)} trials, written in ${seconds.toFixed(1)} s, ` +
            `${(size / 1e6).toFixed(2)} MB: painted after ${inWhole(painted_ms)} ms, ready after ` +
            `${inWhole(ready_ms)} ms, a figure live after ${inWhole(live_ms)} ms, ` +
            `${thread_s.toFixed(2)} s of its thread`,
        );
        assert(size < mostBytes, `the report has ${size} bytes`);
        assert(thread_s < mostOpening_s, `opening it takes ${thread_s} s of processor time`);
        const points = await page.$$eval(
          "figure .live",
          ([figure]) => figure!.querySelectorAll(".mark-symbol path").length,
        );
        assert(points > 0 && points < count, `${points} points`);
        assertEquals(complaints, []);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
