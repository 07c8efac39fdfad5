// SPDX-License-Identifier: Apache-2.0
/**
 * The C library, the headers and the static libraries that the lab's programs are linked with:
 * from Debian packages by lock, in a folder of the cache. What the system has installed, and what
 * an update there changes, does not get into the programs.
 */
import { join } from "@std/path";
import { cached } from "../store/cache.ts";
import { fetchDebs, type FetchedDeb, type LockedDeb } from "./debian.ts";
import { filesBelow, sha256OfJson } from "../base/digest.ts";
import { exists, removeIfThere } from "../base/files.ts";
import { unpackPackages } from "./packages.ts";
import type { Report } from "../base/report.ts";
import lock from "./sysroot.lock.json" with { type: "json" };

export interface Sysroot {
  /** Digest of the packages. */
  digest: string;
  dir: string;
  /** "name version" of each package. */
  packages: string[];
  /** Another version than the lock's is among them. */
  drift: boolean;
}

const recipeVersion = 1;
const what = "the libraries to link with";
const room_mib = 150;

/** Documentation, programs and the loader's cache: nobody links with them. */
const unwanted = ["usr/bin", "usr/share/doc", "usr/share/man", "usr/share/locale", "etc", "var"];

/** Digest of the libraries of the lock, whether they are here or not. */
export function lockedSysrootDigest(): string {
  return digestOf(lock.map(({ sha256 }) => sha256));
}

/** "name version" of each package of the lock. */
export function lockedSysrootPackages(): string[] {
  return lock.map(({ name, version }) => `${name} ${version}`);
}

function digestOf(sha256s: readonly string[]): string {
  return sha256OfJson({ recipeVersion, packages: sha256s });
}

/**
 * The folder, from the cache or made now.
 *
 * @throws {LabError} when a package cannot be fetched.
 */
export async function sysroot(report: Report): Promise<Sysroot> {
  const debs = await sysrootPackages(report);
  const digest = digestOf(debs.map(({ sha256 }) => sha256));
  const entry = await cached("sysroot", digest, async (dir) => {
    await unpackPackages(debs.map(({ path }) => path), dir);
    for (const path of unwanted) await removeIfThere(join(dir, path));
    await settleLinks(dir);
  }, { what, needs_mib: room_mib, report });
  return {
    digest,
    dir: entry.dir,
    packages: debs.map(({ name, version }) => `${name} ${version}`),
    drift: debs.some(({ drift }) => drift),
  };
}

/** The packages that it is made of, fetched. */
export function sysrootPackages(report: Report): Promise<FetchedDeb[]> {
  return fetchDebs(lock as LockedDeb[], { report });
}

/**
 * Links to shared libraries that are in packages of their own go: only the static ones are used.
 * A link that would lead out of the folder becomes the file that it stands for.
 */
async function settleLinks(dir: string): Promise<void> {
  for (const path of await filesBelow(dir)) {
    const link = join(dir, path);
    if (!(await Deno.lstat(link)).isSymlink) continue;
    const target = await Deno.readLink(link);
    const absolute = target.startsWith("/");
    const file = absolute ? join(dir, target) : join(link, "..", target);
    const there = await exists(file);
    if (there && !absolute) continue;
    await Deno.remove(link);
    if (there) await Deno.copyFile(file, link);
  }
}
