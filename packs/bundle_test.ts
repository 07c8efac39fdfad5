// SPDX-License-Identifier: Apache-2.0
/** Bundles of made-up parts: what is taken into a cache from them, and what is not. */
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { sha256 } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { reportNothing } from "../base/report.ts";
import { cached, cacheRoot, findCached } from "../store/cache.ts";
import { withOwnCache } from "../store/testdata/own_cache.ts";
import { writeArchive } from "./archive.ts";
import { importBundle, readBundle } from "./bundle.ts";
import { type Bundle, placeOf } from "./bundle_form.ts";
import { writeInto } from "./files.ts";

const digest = sha256("what it was built from");
const content = "a kernel";

/** A bundle with one part. */
const plain: Bundle = {
  ...{ format: 1, lab: "0.0.0", experiments: ["smoke"] },
  parts: [{
    ...{ kind: "kernel", digest, what: "a made-up kernel", notes: { made: "up" } },
    files: { "boot/vmlinux": { size: content.length, sha256: sha256(content) } },
  }],
};

/** Writes it, after something was done to its folder, and gives its path, with a cache that is empty. */
function withBundle(
  bundle: unknown,
  change: (part: string) => Promise<void>,
  test: (path: string) => Promise<void>,
): Promise<void> {
  return withOwnCache(async () => {
    const dir = await Deno.makeTempDir();
    try {
      const part = join(dir, "stage", placeOf(plain.parts[0]!));
      await writeInto(join(dir, "stage/bundle.json"), JSON.stringify(bundle));
      await writeInto(join(part, "boot/vmlinux"), content, true);
      await change(part);
      await writeArchive(join(dir, "bundle.tar.zst"), join(dir, "stage"), "bundle");
      await test(join(dir, "bundle.tar.zst"));
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

const asItIs = () => Promise.resolve();
const here = () => findCached("kernel", digest, { what: "a made-up kernel" });

Deno.test("importBundle() takes the parts into the cache, once, as programs where they are some", () =>
  withBundle(plain, asItIs, async (path) => {
    assertEquals((await importBundle(path, reportNothing)).map(({ there }) => there), [false]);
    const entry = await here();
    assertEquals(entry?.notes, { made: "up" });
    const file = join(entry!.dir, "boot/vmlinux");
    assertEquals(await Deno.readTextFile(file), content);
    assertEquals((await Deno.stat(file)).mode! & 0o111, 0o111);
    assertEquals((await importBundle(path, reportNothing)).map(({ there }) => there), [true]);
    const { bundle } = await readBundle(path);
    assertEquals(bundle, plain);
  }));

/** Nothing of such a bundle may come into the cache. */
async function requireRefusal(
  reason: string,
  bundle: unknown,
  change: (part: string) => Promise<void> = asItIs,
): Promise<void> {
  await withBundle(bundle, change, async (path) => {
    await assertRejects(() => importBundle(path, reportNothing), LabError, reason);
    assertEquals(await here(), undefined);
  });
}

Deno.test("a bundle with another byte than it says is refused", () =>
  requireRefusal(
    "boot/vmlinux of a made-up kernel has other content",
    plain,
    (part) => Deno.writeTextFile(join(part, "boot/vmlinux"), "a kernem"),
  ));

Deno.test("a bundle with a file less, or one too many, is refused", async () => {
  await requireRefusal(
    "boot/vmlinux of a made-up kernel is missing",
    plain,
    (part) => Deno.remove(join(part, "boot/vmlinux")),
  );
  await requireRefusal(
    "has a file too many, stray",
    plain,
    (part) => writeInto(join(part, "stray"), ""),
  );
});

Deno.test("a bundle that names what is no part, or a path that leads out, is refused", async () => {
  const [part] = plain.parts;
  for (
    const wrong of [
      { ...part, kind: "trial" },
      { ...part, digest: "../../../etc" },
      { ...part, files: { "../../evil": part!.files["boot/vmlinux"] } },
    ]
  ) {
    await requireRefusal("bundle.json is missing in it, or not in the form", {
      ...plain,
      parts: [wrong],
    });
  }
});

Deno.test("what is no archive, or is cut off, is refused", () =>
  withBundle(plain, asItIs, async (path) => {
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.subarray(0, bytes.length - 9));
    await assertRejects(() => importBundle(path, reportNothing), LabError, "it is damaged");
    await Deno.writeTextFile(path, "<html>");
    await assertRejects(() => importBundle(path, reportNothing), LabError, "no such archive");
    await assertRejects(() => importBundle(`${path}x`, reportNothing), LabError, "no such file");
  }));

Deno.test("a part that is here with other bits is named, and both are kept", () =>
  withBundle(plain, asItIs, async (path) => {
    await cached(
      "kernel",
      digest,
      (dir) => writeInto(join(dir, "boot/vmlinux"), "another"),
      { what: "a made-up kernel", needs_mib: 1, report: reportNothing },
    );
    await assertRejects(() => importBundle(path, reportNothing), LabError, "has other bits");
    const file = join(cacheRoot(), "kernel", digest, "boot/vmlinux");
    assertEquals(await Deno.readTextFile(file), "another");
  }));
