// SPDX-License-Identifier: Apache-2.0
/** A real browser for tests: Debian's Chromium without a window, and what is held against its pages. */
import { join } from "@std/path";
import axe from "axe-core";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { exists } from "../base/files.ts";
import { run } from "../base/process.ts";

/** A browser that takes longer than this to start or a test to end is stuck. */
const START_LIMIT_MS = 60_000;
const LIMIT_S = 300;

const OPTIONS = [
  ...["--headless", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  ...["--disable-dev-shm-usage", "--remote-debugging-port=0", "--hide-scrollbars"],
];

/** Starts a browser with a profile of its own, and ends it whatever happens. */
export async function withBrowser(work: (browser: Browser) => Promise<void>): Promise<void> {
  const profile = await Deno.makeTempDir({ prefix: "samepage-browser-" });
  const ending = new AbortController();
  // Chromium refuses to sandbox the processes of root.
  const sandbox = Deno.uid() === 0 ? ["--no-sandbox"] : [];
  const running = run("chromium", [
    ...OPTIONS,
    ...sandbox,
    `--user-data-dir=${profile}`,
    "about:blank",
  ], {
    purpose: "start a browser",
    timeLimit_s: LIMIT_S,
    signal: ending.signal,
    // Chromium keeps a lock and sockets where it is told to, and nothing in the home of who tests.
    env: { HOME: profile },
  });
  let over = false;
  const stopped = running.catch((error) => error).finally(() => over = true);
  try {
    const browser = await connect(profile, () => over, stopped);
    try {
      await work(browser);
    } finally {
      await browser.disconnect();
    }
  } finally {
    ending.abort();
    await stopped;
    await Deno.remove(profile, { recursive: true });
  }
}

async function connect(
  profile: string,
  over: () => boolean,
  stopped: Promise<unknown>,
): Promise<Browser> {
  const file = join(profile, "DevToolsActivePort");
  const deadline = Date.now() + START_LIMIT_MS;
  while (!await exists(file)) {
    if (over()) throw await stopped;
    if (Date.now() > deadline) throw new Error("Chromium opened no port to drive it by");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [port, path] = (await Deno.readTextFile(file)).trim().split("\n");
  return await puppeteer.connect({ browserWSEndpoint: `ws://127.0.0.1:${port}${path}` });
}

/** A page, and everything about it that should not have happened. */
export interface Watched {
  page: Page;
  /** Errors and warnings on the console, uncaught exceptions, and requests to elsewhere. */
  complaints: string[];
}

/** Opens a page and watches it. @param home what it may fetch from: the beginning of an address */
export async function watch(browser: Browser, home: string): Promise<Watched> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(home) && !/^(data|blob):/.test(url)) complaints.push(`request of ${url}`);
  });
  return { page, complaints };
}

/** What axe-core finds against the page as it is now: rule, and where. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any
    const { violations } = await (globalThis as any).axe.run();
    return violations;
  }) as { id: string; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }[];
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) =>
      `${id} (${help}): ${target.join(" ")}: ${failureSummary ?? ""}`
    )
  );
}

/** The text of a file that the page hands to its reader. */
export async function downloadsOf(
  page: Page,
  name: string,
  act: () => Promise<void>,
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "samepage-download-" });
  try {
    const session = await page.createCDPSession();
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: folder,
      eventsEnabled: true,
    });
    const done = new Promise<void>((resolve) => {
      session.on("Browser.downloadProgress", ({ state }) => {
        if (state === "completed") resolve();
      });
    });
    await act();
    await done;
    await session.detach();
    return await Deno.readTextFile(join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
