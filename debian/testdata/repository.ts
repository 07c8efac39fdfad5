// SPDX-License-Identifier: Apache-2.0
/** For tests: a package repository in a folder, as apt reads it, and an empty cache. */
import { join } from "@std/path";
import type { LockedDeb } from "../debian.ts";
import { sha256OfFile } from "../../base/digest.ts";
import { run } from "../../base/process.ts";
import { withOwnCache } from "../../store/testdata/own_cache.ts";

const about = { purpose: "make a package", timeLimit_s: 60 };

/** A package that the repository has. */
interface Made {
  name: string;
  version: string;
  /** In the form of the field Depends. */
  depends?: string;
}

/** Gives the package "thing" in each of the versions, and the line of sources.list to get it by. */
export function withRepository(
  versions: readonly string[],
  test: (offers: LockedDeb[], sources: string) => Promise<void>,
): Promise<void> {
  return withPackages(versions.map((version) => ({ name: "thing", version })), test);
}

/** The same for packages of any names. */
export async function withPackages(
  packages: readonly Made[],
  test: (offers: LockedDeb[], sources: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const offers: LockedDeb[] = [];
    for (const made of packages) offers.push(await addPackage(dir, made));
    await withOwnCache(() => test(offers, `deb [trusted=yes] file:${dir} ./\n`));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function addPackage(dir: string, { name, version, depends }: Made): Promise<LockedDeb> {
  const tree = join(dir, "tree", "DEBIAN");
  await Deno.mkdir(tree, { recursive: true });
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\n` +
    (depends === undefined ? "" : `Depends: ${depends}\n`) +
    "Maintainer: Nobody <nobody@example.org>\nDescription: a thing\n";
  await Deno.writeTextFile(join(tree, "control"), control);
  const file = `${name}_${version}_all.deb`;
  await run("dpkg-deb", ["--root-owner-group", "--build", "tree", file], { ...about, cwd: dir });
  const { size } = await Deno.stat(join(dir, file));
  const sha256 = await sha256OfFile(join(dir, file));
  await Deno.writeTextFile(
    join(dir, "Packages"),
    `${control}Filename: ./${file}\nSize: ${size}\nSHA256: ${sha256}\n\n`,
    { append: true },
  );
  return { name, version, arch: "all", size, sha256 };
}
