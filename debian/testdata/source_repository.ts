// SPDX-License-Identifier: Apache-2.0
/** For tests: a repository with one source package, as apt reads it, and an empty cache. */
import { join } from "@std/path";
import { sha256OfFile } from "../../base/digest.ts";
import { run } from "../../base/process.ts";
import { withOwnCache } from "../../store/testdata/own_cache.ts";
import type { LockedSource } from "../debian.ts";

const about = { purpose: "make a source package", timeLimit_s: 60 };

/** Gives the source package "thing" as a lock has it, the repository's folder, and lines of sources.list. */
export async function withSourceRepository(
  version: string,
  test: (locked: LockedSource, folder: string, sources: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const locked = await addSource(folder, version);
    const { stdout } = await run("dpkg-scansources", ["."], { ...about, cwd: folder });
    await Deno.writeTextFile(join(folder, "Sources"), stdout);
    await withOwnCache(() => test(locked, folder, `deb-src [trusted=yes] file:${folder} ./\n`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function addSource(folder: string, version: string): Promise<LockedSource> {
  const files: Record<string, string> = {
    "control": "Source: thing\nMaintainer: Nobody <nobody@example.org>\n\n" +
      "Package: thing\nArchitecture: all\nDescription: a thing\n",
    "changelog": `thing (${version}) unstable; urgency=low\n\n  * Made.\n\n` +
      " -- Nobody <nobody@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n",
    "source/format": "3.0 (native)\n",
  };
  for (const [path, content] of Object.entries(files)) {
    const full = join(folder, "tree/debian", path);
    await Deno.mkdir(join(full, ".."), { recursive: true });
    await Deno.writeTextFile(full, content);
  }
  await run("dpkg-source", ["--build", "tree"], { ...about, cwd: folder });
  await Deno.remove(join(folder, "tree"), { recursive: true });
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const locked = await Promise.all(
    names.sort().map(async (name) => ({
      name,
      size: (await Deno.stat(join(folder, name))).size,
      sha256: await sha256OfFile(join(folder, name)),
    })),
  );
  return { name: "thing", version, files: locked, line: version.slice(0, 1) };
}
