// SPDX-License-Identifier: Apache-2.0
/** Of source packages a mirror is believed no further than of others. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { cacheRoot } from "../store/cache.ts";
import { fetchSource, type LockedSource } from "./debian.ts";
import { withSourceRepository } from "./testdata/source_repository.ts";

/** Fetches the source after somebody has done something to the mirror; nothing of it may be kept. */
async function requireRefusal(
  lie: (archive: string) => Promise<void>,
  reason: string,
  change: (locked: LockedSource) => Partial<LockedSource> = () => ({}),
): Promise<void> {
  await withSourceRepository("1.0", async (locked, folder, sources) => {
    await lie(join(folder, "thing_1.0.tar.xz"));
    const wanted = { ...locked, ...change(locked) };
    const error = await assertRejects(
      () => fetchSource(wanted, { sources, report: () => {} }),
      LabError,
    );
    assertStringIncludes(error.message, reason);
    for (const version of ["1.0", wanted.version]) {
      assertEquals(await exists(join(cacheRoot(), "debian", `thing_${version}`)), false);
    }
  });
}

const nothing = () => Promise.resolve();

Deno.test("a source package is fetched where the mirror has what the lock says", () =>
  withSourceRepository("1.0", async (locked, _, sources) => {
    const { version, drift, dsc } = await fetchSource(locked, { sources, report: () => {} });
    assertEquals([version, drift, await exists(dsc)], ["1.0", false, true]);
  }));

Deno.test("a source archive with another byte than its index says is refused", () =>
  requireRefusal(async (archive) => {
    const bytes = await Deno.readFile(archive);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(archive, bytes);
  }, "Cannot download the source of thing"));

Deno.test("a source archive that is cut off is refused", () =>
  requireRefusal(
    async (archive) => await Deno.truncate(archive, (await Deno.stat(archive)).size - 1),
    "Cannot download the source of thing",
  ));

Deno.test("a source archive with another digest than the lock's is refused, whatever the index says", () =>
  requireRefusal(nothing, "has another sha256 than the lock says", ({ files }) => ({
    files: files.map((file) => ({ ...file, sha256: "0".repeat(64) })),
  })));

Deno.test("a mirror that has only older sources than the lock's is refused", () =>
  requireRefusal(nothing, "or only older ones", () => ({ version: "1.1" })));
