// SPDX-License-Identifier: Apache-2.0
/**
 * The guest's disk: real files from locked Debian packages in an EROFS image, uncompressed, so that
 * a page of a file is a page of the disk. Times, owners and identifiers are fixed.
 */
import { dirname, join } from "@std/path";
import type { NamedWorkload } from "../workloads/workload.ts";
import { cached, type CacheEntry, findCached, withScratch } from "../store/cache.ts";
import { fetchDebs, type LockedDeb } from "../debian/debian.ts";
import { filesBelow, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { run } from "../base/process.ts";
import { unpackPackage } from "../debian/packages.ts";
import { roomDigest, runInRoom } from "../debian/room.ts";
import type { Report } from "../base/report.ts";

const recipeVersion = 1;
const fixedUuid = "5a3e9a6e-0000-4000-8000-000000000001";

export interface BuiltDisk {
  /** The image. */
  path: string;
  /** A package came in another version than the lock's. */
  drift: boolean;
  /** "name version" of each package. */
  packages: string[];
}

/**
 * The disk of a workload, or nothing if it needs none.
 *
 * @throws {LabError} when packages cannot be fetched or none of their files is wanted.
 */
export async function buildDisk(
  workload: NamedWorkload,
  report: Report,
): Promise<BuiltDisk | undefined> {
  const { disk } = workload;
  if (disk === undefined) return undefined;
  const digestOf = (debs: readonly { sha256: string }[]) =>
    sha256OfJson({
      recipeVersion,
      room: roomDigest(),
      include: disk.include.source,
      packages: debs.map(({ sha256 }) => sha256),
    });
  const what = `the disk of ${workload.name}`;
  const built = (
    { dir }: CacheEntry,
    packages: readonly Pick<LockedDeb, "name" | "version">[],
    drift: boolean,
  ) => ({
    path: join(dir, "disk.erofs"),
    drift,
    packages: packages.map(({ name, version }) => `${name} ${version}`),
  });
  const ready = await findCached("disk", digestOf(disk.packages), { what, report });
  if (ready !== undefined) return built(ready, disk.packages, false);

  const debs = await fetchDebs(disk.packages, { report });
  const digest = digestOf(debs);
  const entry = await cached("disk", digest, (dir) => {
    report(`making ${what}`);
    return withScratch(`disk-${digest.slice(0, 12)}`, async (scratch) => {
      const unpacked = join(scratch, "unpacked");
      const chosen = join(scratch, "chosen");
      await Deno.mkdir(chosen);
      for (const { path } of debs) {
        await unpackPackage(path, unpacked);
      }
      await choose(unpacked, chosen, disk.include, what);
      await runInRoom(
        "mkfs.erofs",
        ["-T0", "-U", fixedUuid, "--all-root", "-x-1", "/out/disk.erofs", "/in/chosen"],
        { read: { "/in/chosen": chosen }, write: { "/out": dir } },
        { report, purpose: `make ${what}`, timeLimit_s: 120 },
      );
    });
  }, { what, needs_mib: 300, report });
  return built(entry, debs, debs.some(({ drift }) => drift));
}

/** Moves regular files that are wanted; links to them would only be walked twice. */
async function choose(from: string, to: string, include: RegExp, what: string): Promise<void> {
  let count = 0;
  for (const path of await filesBelow(from)) {
    const source = join(from, path);
    if (!include.test(path) || !(await Deno.lstat(source)).isFile) continue;
    await Deno.mkdir(join(to, dirname(path)), { recursive: true });
    await Deno.rename(source, join(to, path));
    await Deno.chmod(join(to, path), 0o644);
    count++;
  }
  /* Folders have the modes that the person's umask leaves them. */
  await run("chmod", ["-R", "u=rwX,go=rX", to], { purpose: `make ${what}`, timeLimit_s: 60 });
  if (count === 0) {
    throw new LabError(
      `Cannot make ${what}: no file of its packages matches ${include}`,
      "Mend the workload's `include`",
    );
  }
}
