// SPDX-License-Identifier: Apache-2.0
/** For tests: a package repository in a folder, as apt reads it, and an empty cache. */
import { join } from "@std/path";
import type { LockedDeb } from "../debian.ts";
import { sha256OfFile } from "../../base/digest.ts";
import { run } from "../../base/process.ts";
import { withOwnCache } from "../../store/testdata/own_cache.ts";

const about = { purpose: "make a package", timeLimit_s: 60 };

/** Gives the package "thing" in each of the versions, and the line of sources.list to get it by. */
export async function withRepository(
  versions: readonly string[],
  test: (offers: LockedDeb[], sources: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const offers: LockedDeb[] = [];
    for (const version of versions) offers.push(await addPackage(dir, version));
    await withOwnCache(() => test(offers, `deb [trusted=yes] file:${dir} ./\n`));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function addPackage(dir: string, version: string): Promise<LockedDeb> {
  const tree = join(dir, "tree", "DEBIAN");
  await Deno.mkdir(tree, { recursive: true });
  const control = `Package: thing\nVersion: ${version}\nArchitecture: all\n` +
    "Maintainer: Nobody <nobody@example.org>\nDescription: a thing\n";
  await Deno.writeTextFile(join(tree, "control"), control);
  const name = `thing_${version}_all.deb`;
  await run("dpkg-deb", ["--root-owner-group", "--build", "tree", name], { ...about, cwd: dir });
  const { size } = await Deno.stat(join(dir, name));
  const sha256 = await sha256OfFile(join(dir, name));
  await Deno.writeTextFile(
    join(dir, "Packages"),
    `${control}Filename: ./${name}\nSize: ${size}\nSHA256: ${sha256}\n\n`,
    { append: true },
  );
  return { name: "thing", version, arch: "all", size, sha256 };
}
