// SPDX-License-Identifier: Apache-2.0
/** What a mirror gives is believed only as far as signature, digest, size and version go. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { filesBelow } from "../base/digest.ts";
import { reportNothing } from "../base/report.ts";
import { cacheRoot } from "../store/cache.ts";
import { fetchDeb, type FetchedDeb, fetchSource, type LockedDeb } from "./debian.ts";
import { withOwnCache } from "../store/testdata/own_cache.ts";
import { withRepository } from "./testdata/repository.ts";
import { signIndex, type Validity } from "./testdata/signed_index.ts";

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

const day_ms = 24 * 3600 * 1000;

/** What {@linkcode fetchDeb} makes of a mirror whose index is validly signed, for some time. */
async function fetchSigned(
  validity: Validity,
  lockedVersion: string,
): Promise<FetchedDeb | LabError> {
  let outcome: FetchedDeb | LabError | undefined;
  await withRepository(["1.0-2"], async ([offer], sources) => {
    const keyring = await signIndex(/file:(\S+)/.exec(sources)![1]!, validity);
    const options = {
      sources: sources.replace("trusted=yes", `signed-by=${keyring}`),
      report: () => {},
    };
    outcome = await fetchDeb({ ...offer!, line: "1.0", version: lockedVersion }, options)
      .catch((error) => {
        if (error instanceof LabError) return error;
        throw error;
      });
  });
  return outcome!;
}

Deno.test("an index that was validly signed long ago is refused, played again or kept back", async () => {
  const now_ms = Date.now();
  /* Whoever runs this machine may have told apt to take any: that is not what is tested. */
  const before = Deno.env.get("APT_CONFIG");
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(config, 'Dir::Etc::Parts "-";\nDir::Etc::Main "-";\n');
  Deno.env.set("APT_CONFIG", config);
  await using _ = {
    async [Symbol.asyncDispose]() {
      if (before === undefined) Deno.env.delete("APT_CONFIG");
      else Deno.env.set("APT_CONFIG", before);
      await Deno.remove(config);
    },
  };
  const date = new Date(now_ms - 60 * day_ms);
  const valid = await fetchSigned({ date, until: new Date(now_ms + day_ms) }, "1.0-2");
  assert(!(valid instanceof LabError) && !valid.drift, String(valid));

  /* Its time is over. */
  const over = await fetchSigned({ date, until: new Date(now_ms - day_ms) }, "1.0-2");
  assert(over instanceof LabError);
  assertStringIncludes(over.message, "Cannot read the package index");
  assertStringIncludes(over.message, "expired");

  /* Debian's main archive says no end: an old index has only older versions than the lock. */
  const old = await fetchSigned({ date }, "1.0-3");
  assert(old instanceof LabError);
  assertStringIncludes(old.message, "or only older ones");
});

Deno.test("a mirror that answers everything with a page is named in one sentence", async () => {
  const page = () => new Response("<!DOCTYPE html><html><body>Log in</body></html>");
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, page);
  const address = `http://127.0.0.1:${server.addr.port}/debian`;
  const sources = `deb ${address} bookworm main\n`;
  const folder = "pool/main/t/thing";
  const files = [{ name: "thing.dsc", size: 100, sha256: "0".repeat(64) }];
  const thing = { name: "thing", version: "1.0", folder };
  const deb: LockedDeb = { ...thing, arch: "all", size: 100, sha256: "0".repeat(64) };
  await withOwnCache(async () => {
    const fetching = [
      () => fetchDeb(deb, { sources, report: reportNothing }),
      () => fetchSource({ ...thing, files }, { sources, report: reportNothing }),
    ];
    for (const fetch of fetching) {
      const { message } = await assertRejects(fetch, LabError);
      assertMatch(
        message,
        /^Cannot fetch thing 1\.0: http\S+\/pool\/main\/t\/thing\/thing\S+ answered with a web page instead of the file$/,
      );
    }
    const store = join(cacheRoot(), "debian");
    assertEquals(await filesBelow(store), []);
  });
});
