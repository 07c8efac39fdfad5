// SPDX-License-Identifier: Apache-2.0
/** Locks of all that some packages need: what is asked for decides what is in them. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { reportNothing } from "../base/report.ts";
import { readLock, updateLock } from "./locks.ts";
import { withPackages } from "./testdata/repository.ts";

/** Asks for some packages, with a mirror that has more. */
function withLock(
  wanted: readonly string[],
  test: (update: () => Promise<unknown>, read: () => Promise<string[]>) => Promise<void>,
): Promise<void> {
  return withPackages([
    { name: "tool", version: "2.0", depends: "library (>= 1.1)" },
    { name: "library", version: "1.0" },
    { name: "library", version: "1.1" },
    { name: "other", version: "3.0" },
  ], async (offers, sources) => {
    const dir = await Deno.makeTempDir();
    try {
      const path = join(dir, "lock.json");
      const old = offers.filter(({ version }) => version === "1.0" || version === "3.0");
      await Deno.writeTextFile(path, JSON.stringify({ wanted, packages: old }));
      const moves = async () =>
        (await updateLock(await readLock(path), { sources, report: reportNothing }))
          .map(({ name, from, to }) => [name, from, to]);
      const read = async () =>
        JSON.parse(await Deno.readTextFile(path)).packages
          .map(({ name, version }: { name: string; version: string }) => `${name} ${version}`);
      await test(moves, read);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("updateLock() gives a lock all that is asked for and what that depends on, and nothing else", () =>
  withLock(["tool"], async (update, read) => {
    assertEquals(await update(), [
      ["library", "1.0", "1.1"],
      ["other", "3.0", null],
      ["tool", null, "2.0"],
    ]);
    assertEquals(await read(), ["library 1.1", "tool 2.0"]);
    assertEquals(await update(), []);
  }));

Deno.test("updateLock() leaves a lock as it is whose packages the mirror does not have", () =>
  withLock(["tool", "none"], async (update, read) => {
    await assertRejects(update, LabError, "Cannot find out what packages depend on");
    assertEquals(await read(), ["library 1.0", "other 3.0"]);
  }));
