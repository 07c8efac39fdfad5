// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { cached, type CacheOptions, withScratch } from "./cache.ts";
import { LabError } from "../base/errors.ts";
import { withOwnCache } from "./testdata/own_cache.ts";

const options: CacheOptions = { what: "the thing", needs_mib: 1, report: () => {} };

function builder(): { build: (dir: string) => Promise<void>; count: () => number } {
  let builds = 0;
  const build = async (dir: string) => {
    builds++;
    await Deno.writeTextFile(join(dir, "thing"), "content");
  };
  return { build, count: () => builds };
}

Deno.test("cached() builds once and then takes what is there", () =>
  withOwnCache(async () => {
    const { build, count } = builder();
    assertEquals((await cached("thing", "d1", build, options)).built, true);
    assertEquals((await cached("thing", "d1", build, options)).built, false);
    assertEquals(count(), 1);
  }));

Deno.test("cached() notices a flipped byte although size and time are right, and names it", () =>
  withOwnCache(async () => {
    const { build, count } = builder();
    const { dir } = await cached("thing", "d1", build, options);
    const path = join(dir, "thing");
    const { mtime } = await Deno.stat(path);
    await Deno.writeTextFile(path, "cOntent");
    await Deno.utime(path, mtime!, mtime!);
    const said: string[] = [];
    await cached("thing", "d1", build, { ...options, report: (line) => said.push(line) });
    assertStringIncludes(said.join(), "thing has other content");
    assertEquals(count(), 2);
    assertEquals(await Deno.readTextFile(path), "content");
  }));

Deno.test("cached() leaves nothing behind when a build fails", () =>
  withOwnCache(async () => {
    await assertRejects(
      () => cached("thing", "d1", () => Promise.reject(new LabError("Cannot")), options),
      LabError,
    );
    const { build } = builder();
    assertEquals((await cached("thing", "d1", build, options)).built, true);
  }));

Deno.test("cached() lets the second of two askers wait for the first one's build", () =>
  withOwnCache(async () => {
    const { build, count } = builder();
    const both = await Promise.all([1, 2].map(() => cached("thing", "d1", build, options)));
    assertEquals(both.map(({ built }) => built).sort(), [false, true]);
    assertEquals(count(), 1);
  }));

Deno.test("cached() refuses a build that the disk has no room for", () =>
  withOwnCache(async () => {
    const { build } = builder();
    await assertRejects(
      () => cached("thing", "d1", build, { ...options, needs_mib: 1e9 }),
      LabError,
      "Cannot build the thing: ",
    );
  }));

Deno.test("cached() takes a manifest that is damaged in whatever way as damage, and mends it", () =>
  withOwnCache(async () => {
    const { build, count } = builder();
    const { dir } = await cached("thing", "d1", build, options);
    const path = join(dir, "manifest.json");
    const good = JSON.parse(await Deno.readTextFile(path));
    const bad: unknown[] = [
      ...[null, 7, [], {}, { ...good, files: null }, { ...good, files: { thing: null } }],
      ...[{ ...good, notes: 1 }, { ...good, kind: "other" }, { ...good, digest: "d2" }],
      ...[{ ...good, build_seconds: "x" }, { ...good, files: { "../../x": good.files.thing } }],
      { ...good, files: { ...good.files, "": good.files.thing } },
    ];
    for (const text of ["", "{", "\u0000", ...bad.map((one) => JSON.stringify(one))]) {
      await Deno.writeTextFile(path, text);
      const before = count();
      const said: string[] = [];
      const { built } = await cached("thing", "d1", build, {
        ...options,
        report: (line) => said.push(line),
      });
      assertEquals([built, count()], [true, before + 1], text);
      assertStringIncludes(said.join(), "is damaged");
      assertEquals((await cached("thing", "d1", build, options)).built, false);
    }
    await Deno.remove(join(dir, "thing"));
    await Deno.mkdir(join(dir, "thing"));
    assertEquals((await cached("thing", "d1", build, options)).built, true);
  }));

Deno.test("withScratch() makes no folder but in the cache", () =>
  withOwnCache(async () => {
    for (const name of ["..", "../x", "a/b", "", "/x", "a\n", "-x"]) {
      await assertRejects(
        async () => await withScratch(name, () => Promise.resolve()),
        LabError,
        "in a folder of the name",
      );
    }
    await withScratch("kernels-6.1+debian-6.12-on-s1", () => Promise.resolve());
  }));
