// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname, join } from "@std/path";
import { packTar, type TarEntry } from "modern-tar";
import { zstdCompressSync } from "node:zlib";
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { readArchive, writeArchive } from "./archive.ts";

async function inTemp(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function write(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, typeof data === "string" ? new TextEncoder().encode(data) : data);
  await Deno.chmod(path, mode);
}

/** An archive as somebody else might make it. */
async function foreign(dir: string, entries: TarEntry[]): Promise<string> {
  const path = join(dir, "foreign.tar.zst");
  await Deno.writeFile(path, zstdCompressSync(await packTar(entries)));
  return path;
}

Deno.test("writeArchive() gives the same bytes whenever, by whomever and in whatever order", () =>
  inTemp(async (dir) => {
    const long = `deep/${"x".repeat(90)}/${"y".repeat(60)}.txt`;
    const files: [string, string, number][] = [["b", "2", 0o644], [long, "3", 0o600]];
    for (const [at, order] of [files, files.toReversed()].entries()) {
      const folder = join(dir, `${at}`);
      for (const [name, data, mode] of order) await write(join(folder, name), data, mode);
      await write(join(folder, "run"), "#!/bin/sh\n", at === 0 ? 0o755 : 0o700);
      await Deno.utime(join(folder, "b"), at, at * 1000);
      await writeArchive(join(dir, `${at}.tar.zst`), folder, "top");
    }
    const [first, second] = [join(dir, "0.tar.zst"), join(dir, "1.tar.zst")];
    assertEquals(await sha256OfFile(first), await sha256OfFile(second));

    await Deno.mkdir(join(dir, "out"));
    assertEquals(await readArchive(first, join(dir, "out")), "top");
    assertEquals(await filesBelow(join(dir, "out/top")), ["b", long, "run"]);
    assertEquals(await Deno.readTextFile(join(dir, "out/top", long)), "3");
    const { mode } = await Deno.stat(join(dir, "out/top/run"));
    assert((mode! & 0o111) !== 0, "the program may not be run");
  }));

Deno.test("readArchive() refuses what leaves the folder or is no plain file", async () => {
  const file = (name: string): TarEntry => ({ header: { name, size: 1 }, body: "x" });
  const link = (type: "symlink" | "link"): TarEntry => ({
    header: { name: "top/a", size: 0, type, linkname: "/etc/passwd" },
  });
  const strays: [TarEntry[], string][] = [
    [[file("top/../../evil")], "lies outside"],
    [[file("/etc/evil")], "lies outside"],
    [[file("top/./a")], "lies outside"],
    [[file("a")], "beside its top folder"],
    [[file("top/a"), file("other/b")], "2 top folders"],
    [[link("symlink")], "neither a file nor a folder"],
    [[link("link")], "neither a file nor a folder"],
    [[file("top/a"), file("top/a")], "damaged"],
  ];
  for (const [entries, reason] of strays) {
    await inTemp(async (dir) => {
      const path = await foreign(dir, entries);
      await Deno.mkdir(join(dir, "out"));
      await assertRejects(() => readArchive(path, join(dir, "out")), LabError, reason);
    });
  }
});

Deno.test("readArchive() keeps to its limits and notices a cut or foreign file", () =>
  inTemp(async (dir) => {
    const big = new Uint8Array(3_000_000).map((_, at) => (at * 2654435761) >>> 13);
    await write(join(dir, "in/big"), big);
    const path = join(dir, "a.tar.zst");
    await writeArchive(path, join(dir, "in"), "top");
    const out = async (name: string) => {
      await Deno.mkdir(join(dir, name));
      return join(dir, name);
    };
    const refused = async (limits: { files: number; bytes: number }, name: string) =>
      await assertRejects(
        async () => readArchive(path, await out(name), limits),
        LabError,
        "large",
      );
    await refused({ files: 10, bytes: 2_999_999 }, "1");
    await refused({ files: 0, bytes: 2 ** 30 }, "2");
    await Deno.truncate(path, Math.floor((await Deno.stat(path)).size / 2));
    await assertRejects(async () => readArchive(path, await out("3")), LabError, "damaged");
    await write(path, "something else");
    await assertRejects(async () => readArchive(path, await out("4")), LabError, "no such archive");
  }));
