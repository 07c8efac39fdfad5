// SPDX-License-Identifier: Apache-2.0
/**
 * Debian's own kernels for the guests, as Debian ships them: the file that boots, and the modules
 * without which such a kernel finds neither console nor disk in the lab's guests.
 */
import { join } from "@std/path";
import { cached, type CacheEntry, findCached, withScratch } from "../store/cache.ts";
import { fetchDeb, type LockedDeb } from "../debian/debian.ts";
import { filesBelow, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { unpackPackage } from "../debian/packages.ts";
import type { Report } from "../base/report.ts";
import type { BuiltKernel } from "./build.ts";
import { type DebianKernel, debianKernels, lineOf } from "./lines.ts";
import { lockOf } from "./lock.ts";
import { loadOrder } from "./module_order.ts";

/**
 * The package that one of Debian's kernels comes in, by its name: "debian-6.1".
 *
 * @throws {LabError} when its line has none in the lock.
 */
export function debianPackage(name: DebianKernel): LockedDeb {
  const { image } = lockOf(lineOf(name));
  if (image !== undefined) return image;
  throw new LabError(
    `Cannot use the kernel ${name}: no package of it is locked`,
    `There are ${debianKernels.join(", ")}`,
  );
}

/** What a guest's init loads; what else these need comes with them. */
const wanted = ["virtio_mmio", "virtio_console", "virtio_blk", "erofs"];

/** Raised when the same package would give other files. */
const recipeVersion = 1;

const room_mib = 300;

/**
 * Gives such a kernel, from the cache or out of Debian's package.
 *
 * @throws {LabError} when the package cannot be fetched, or has not what guests need.
 */
export async function debianKernel(name: DebianKernel, report: Report): Promise<BuiltKernel> {
  const began_ms = performance.now();
  const what = `Debian's kernel ${name}`;
  const seconds = () => (performance.now() - began_ms) / 1000;
  const locked = digestOf(debianPackage(name).sha256);
  const ready = await findCached("debian-kernel", locked, { what, report });
  if (ready !== undefined) return await describe(ready, false, seconds());

  const deb = await fetchDeb(debianPackage(name), { report });
  const digest = digestOf(deb.sha256);
  const entry = await cached("debian-kernel", digest, (dir) => {
    report(`unpacking ${deb.name} ${deb.version}`);
    return withScratch(`debian-kernel-${name}`, async (scratch) => {
      await unpackPackage(deb.path, scratch);
      return await keep(scratch, dir);
    });
  }, { what, needs_mib: room_mib, report });
  return await describe(entry, deb.drift, seconds());
}

/** Whether the kernel of the lock is in the cache. */
export async function isDebianKernelThere(name: DebianKernel): Promise<boolean> {
  const digest = digestOf(debianPackage(name).sha256);
  return await findCached("debian-kernel", digest, { what: "", report: () => {} }) !== undefined;
}

function digestOf(packageSha256: string): string {
  return sha256OfJson({ recipeVersion, wanted, package: packageSha256 });
}

/** What is needed of an unpacked package. */
async function keep(from: string, dir: string): Promise<Record<string, string>> {
  const [modules, ...more] = await namesIn(join(from, "lib/modules"));
  if (modules === undefined || more.length > 0) {
    throw new LabError(
      "Cannot use Debian's kernel: its package is not of one kernel",
      "Take the package of a kernel into its line's lock.json as image, not one that depends on it",
    );
  }
  await Deno.copyFile(join(from, "boot", `vmlinuz-${modules}`), join(dir, "vmlinuz"));
  await Deno.copyFile(join(from, "boot", `config-${modules}`), join(dir, "config"));
  await Deno.copyFile(join(from, "boot", `System.map-${modules}`), join(dir, "System.map"));
  await Deno.mkdir(join(dir, "modules"));
  const files = await loadOrder(join(from, "lib/modules", modules), wanted);
  for (const [at, { name, content }] of files.entries()) {
    await Deno.writeFile(
      join(dir, "modules", `${String(at).padStart(2, "0")}-${name}.ko`),
      content,
    );
  }
  return { release: modules };
}

async function describe(
  { digest, dir, built, notes }: CacheEntry,
  drift: boolean,
  seconds: number,
): Promise<BuiltKernel> {
  const modules = (await filesBelow(join(dir, "modules"))).sort();
  return {
    digest,
    dir,
    vmlinux: join(dir, "vmlinuz"),
    config: join(dir, "config"),
    systemMap: join(dir, "System.map"),
    modules: modules.map((name) => join(dir, "modules", name)),
    version: notes.release ?? "",
    drift,
    seconds,
    built,
  };
}

async function namesIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) names.push(name);
  return names.sort();
}
