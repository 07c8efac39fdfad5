// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertRejects } from "@std/assert";
import { dirname, join } from "@std/path";
import { packTar, type TarEntry } from "modern-tar";
import { zstdCompressSync } from "node:zlib";
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { type Limits, readArchive, writeArchive } from "./archive.ts";

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
    const most = { members: 10, folders: 10, depth: 10, bytes: 2 ** 30 };
    const refused = async (limits: Partial<Limits>, name: string) =>
      await assertRejects(
        async () => readArchive(path, await out(name), { ...most, ...limits }),
        LabError,
        "large",
      );
    await refused({ bytes: 2_999_999 }, "1");
    await refused({ members: 0 }, "2");
    await refused({ folders: 0 }, "5");
    await refused({ depth: 1 }, "6");
    await Deno.truncate(path, Math.floor((await Deno.stat(path)).size / 2));
    await assertRejects(async () => readArchive(path, await out("3")), LabError, "damaged");
    await write(path, "something else");
    await assertRejects(async () => readArchive(path, await out("4")), LabError, "no such archive");
  }));

Deno.test("readArchive() writes nothing of an archive that makes folders without end", () =>
  inTemp(async (dir) => {
    const deep = (at: number, depth: number): TarEntry => ({
      header: { name: `top/${`${at}/`.repeat(depth)}x`, size: 0, type: "file" },
    });
    const archives: [TarEntry[], string][] = [
      [Array.from({ length: 3000 }, (_, at) => deep(at, 10)), "10,000 folders"],
      [[deep(1, 100)], "16 depth"],
      [[deep(1, 1), deep(2, 600)], "is too long a path"],
      [Array.from({ length: 50_001 }, (_, at) => deep(at % 5, 0 + at % 3)), "50,000 members"],
    ];
    for (const [at, [entries, reason]] of archives.entries()) {
      const path = await foreign(dir, entries);
      const folder = join(dir, `out${at}`);
      await Deno.mkdir(folder);
      const began_ms = performance.now();
      await assertRejects(() => readArchive(path, folder), LabError, reason);
      assert(performance.now() - began_ms < 10_000, "it took too long");
      assertEquals(await filesBelow(folder), []);
    }
  }));

Deno.test("readArchive() keeps no header in memory that is as large as it likes", () =>
  inTemp(async (dir) => {
    /* A header of PAX that says it is 8 GiB long, and zeros behind it, which compress to nothing. */
    const header = new Uint8Array(await packTar([{ header: { name: "top/x", size: 0 } }])).slice(
      0,
      512,
    );
    header.set(new TextEncoder().encode("77777777777"), 124);
    header[156] = "x".charCodeAt(0);
    header.fill(32, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0).toString(8).padStart(6, "0");
    header.set(new TextEncoder().encode(`${sum}\0 `), 148);
    const content = new Uint8Array(512 + 64 * 2 ** 20);
    content.set(header);
    const path = join(dir, "headers.tar.zst");
    await Deno.writeFile(path, zstdCompressSync(content));
    await Deno.mkdir(join(dir, "out"));
    const limits = { members: 10, folders: 10, depth: 10, bytes: 2 ** 20 };
    await assertRejects(
      () => readArchive(path, join(dir, "out"), limits),
      LabError,
      "maximum size",
    );
  }));
