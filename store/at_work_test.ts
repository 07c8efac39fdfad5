// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { removeLeftovers, withNobodyAtWork } from "./at_work.ts";
import { cached, cacheRoot, scratchRoot, withScratch } from "./cache.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { withOwnCache } from "./testdata/own_cache.ts";

async function scratchNames(): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(scratchRoot()))).map(({ name }) => name).sort();
}

Deno.test("removeLeftovers() takes what a killed lab left, not what somebody uses", () =>
  withOwnCache(async () => {
    await withScratch("in-use", async (dir) => {
      /* As it looks after a SIGKILL: folder and lock are there, nobody holds the lock. */
      await Deno.mkdir(join(scratchRoot(), "killed", "below"), { recursive: true });
      await Deno.writeTextFile(join(scratchRoot(), "killed.lock"), "");
      const said: string[] = [];
      await removeLeftovers((line) => said.push(line));
      assertEquals(await exists(dir), true);
      assertEquals(await scratchNames(), ["in-use", "in-use.lock"]);
      assertEquals(said.length, 1);
    });
    assertEquals(await scratchNames(), []);
  }));

Deno.test("removeLeftovers() leaves a folder without a lock alone until a day has passed", () =>
  withOwnCache(async () => {
    const dir = join(scratchRoot(), "unknown");
    await Deno.mkdir(dir, { recursive: true });
    await removeLeftovers(() => {});
    assertEquals(await exists(dir), true);
    const before = new Date(Date.now() - 25 * 3600 * 1000);
    await Deno.utime(dir, before, before);
    await removeLeftovers(() => {});
    assertEquals(await exists(dir), false);
  }));

Deno.test("a build that fails leaves nothing in the scratch folder", () =>
  withOwnCache(async () => {
    const options = { what: "the thing", needs_mib: 1, report: () => {} };
    const build = () => Promise.reject(new LabError("Cannot build it"));
    await assertRejects(() => cached("thing", "d1", build, options), LabError);
    assertEquals(await scratchNames(), []);
  }));

Deno.test("withNobodyAtWork() refuses while another process is at work", () =>
  withOwnCache(async () => {
    await Deno.mkdir(join(cacheRoot(), "locks"), { recursive: true });
    const other = await Deno.open(join(cacheRoot(), "locks", "at-work"), {
      create: true,
      write: true,
    });
    await other.lock(false);
    const clean = () => withNobodyAtWork("clean", () => Promise.resolve("done"));
    await assertRejects(clean, LabError, "at work");
    other.close();
    assertEquals(await clean(), "done");
  }));
