// SPDX-License-Identifier: Apache-2.0
/** What a mirror gives is believed only as far as signature, digest, size and version go. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { filesBelow } from "../base/digest.ts";
import { cacheRoot } from "../store/cache.ts";
import { fetchDeb, type LockedDeb } from "./debian.ts";
import { withRepository } from "./testdata/repository.ts";

/** Fetches the package after somebody has done something to the mirror; nothing of it may be kept. */
async function requireRefusal(
  lie: (folder: string, file: string) => Promise<void>,
  reason: string,
  change: { locked?: Partial<LockedDeb>; sources?: (line: string) => string } = {},
): Promise<void> {
  await withRepository(["1.0-2"], async ([offer], sources) => {
    const folder = /file:(\S+)/.exec(sources)![1]!;
    await lie(folder, join(folder, "thing_1.0-2_all.deb"));
    const options = { sources: change.sources?.(sources) ?? sources, report: () => {} };
    const error = await assertRejects(
      () => fetchDeb({ ...offer!, line: "1.0", ...change.locked }, options),
      LabError,
    );
    assertStringIncludes(error.message, reason);
    const store = join(cacheRoot(), "debian");
    assertEquals((await filesBelow(store)).filter((name) => /^[^/]+\.deb$/.test(name)), []);
  });
}

const nothing = () => Promise.resolve();

Deno.test("a mirror whose index nobody has signed is refused", () =>
  requireRefusal(nothing, "Cannot read the package index", {
    sources: (line) => line.replace("[trusted=yes] ", ""),
  }));

Deno.test("a mirror whose index is signed by nobody that the lab knows is refused", () =>
  requireRefusal(
    async (folder) => {
      const signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: x\n" +
        "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n";
      await Deno.writeTextFile(join(folder, "InRelease"), signed);
    },
    "Cannot read the package index",
    {
      sources: (line) =>
        line.replace("trusted=yes", "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"),
    },
  ));

Deno.test("a package with another byte than its index says is refused", () =>
  requireRefusal(async (_, file) => {
    const bytes = await Deno.readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(file, bytes);
  }, "Cannot download thing"));

Deno.test("a package that is cut off is refused", () =>
  requireRefusal(
    async (_, file) => await Deno.truncate(file, (await Deno.stat(file)).size - 1),
    "Cannot download thing",
  ));

Deno.test("a package with another digest than the lock's is refused, whatever the index says", () =>
  requireRefusal(nothing, "has another sha256 than the lock says", {
    locked: { sha256: "0".repeat(64) },
  }));

Deno.test("a mirror that has only older versions than the lock's is refused", () =>
  requireRefusal(nothing, "or only older ones", { locked: { version: "1.0-3" } }));
