// SPDX-License-Identifier: Apache-2.0
/**
 * Single files of Debian's pool by their digest: for a source whose description (.dsc) the mirrors of
 * Debian 12 do not have. The content is known beforehand, so that no signature is needed, and there is
 * no newer version to take its place.
 */
import { join } from "@std/path";
import { addressesFor, archiveSources, systemSources } from "./apt.ts";
import { download } from "./download.ts";
import type { FetchOptions } from "./debian.ts";
import { damageIn, type LockedFile } from "./locked_files.ts";
import { LabError } from "../base/errors.ts";
import { requireSpace, withLock } from "../base/files.ts";
import { reportNothing, reportToStderr } from "../base/report.ts";
import { cacheRoot, withScratch } from "../store/cache.ts";

/** A file of the pool as the lock has it. */
export interface LockedPoolFile {
  name: string;
  version: string;
  /** Its folder in the mirror, such as "pool/main/b/bochs". */
  pool: string;
  file: LockedFile;
}

const room_mib = 10;

/**
 * Fetches the file, from the cache where it is there.
 *
 * @returns its path
 * @throws {LabError} when neither the mirror nor the archive of old versions has it with this content.
 */
export async function fetchPoolFile(
  locked: LockedPoolFile,
  options: FetchOptions = {},
): Promise<string> {
  const report = options.report ?? reportToStderr;
  const dir = placeOf(locked);
  const path = join(dir, locked.file.name);
  if (await damageIn(dir, [locked.file], report) === undefined) return path;
  return await withLock(join(cacheRoot(), "locks", "debian"), async () => {
    if (await damageIn(dir, [locked.file], report) === undefined) return path;
    await Deno.mkdir(dir, { recursive: true });
    await requireSpace(dir, room_mib + locked.file.size / 2 ** 20, `download ${locked.name}`);
    const { mirror, archive } = await placesOf(locked, options);
    const wanted = { file: locked.file, addresses: [...new Set([...mirror, ...archive])] };
    const [reason] = (await download([wanted], dir, report)).values();
    if (reason === undefined) return path;
    throw new LabError(
      `Cannot fetch ${locked.name} ${locked.version}: ${reason}`,
      "Check the network, name a mirror in LAB_MIRROR, or an archive of old versions in LAB_ARCHIVE " +
        "(see docs/BUILDS.md); what is in the cache already can be used without either",
    );
  }, () => report("Waiting for another download to end"));
}

/** Whether it is in the cache. */
export async function isPoolFileThere(locked: LockedPoolFile): Promise<boolean> {
  return await damageIn(placeOf(locked), [locked.file], () => {}) === undefined;
}

/** Whether the mirror has it as it should be, and the archive of old versions: nothing if none is named. */
export async function offersOfPoolFile(
  locked: LockedPoolFile,
  options: FetchOptions = {},
): Promise<{ mirror: boolean; archive: boolean | null }> {
  const { mirror, archive } = await placesOf(locked, options);
  const offered = (addresses: readonly string[]) =>
    withScratch(`pool-${locked.name}`, async (dir) => {
      const wanted = { file: locked.file, addresses };
      return (await download([wanted], dir, reportNothing)).size === 0;
    });
  return {
    mirror: await offered(mirror),
    archive: archive.length === 0 ? null : await offered(archive),
  };
}

function placeOf({ name, version }: LockedPoolFile): string {
  return join(cacheRoot(), "debian", `${name}_${version.replaceAll(":", "%3a")}`);
}

/** Its addresses at the mirror and at the archives. */
async function placesOf(
  { pool, file }: LockedPoolFile,
  options: FetchOptions,
): Promise<{ mirror: string[]; archive: string[] }> {
  const at = (sources: string) =>
    addressesFor(pool, sources).map((base) => `${base}/${pool}/${file.name}`);
  return {
    mirror: at(options.sources ?? await systemSources()),
    archive: at(options.archive ?? archiveSources(Deno.env.get("LAB_ARCHIVE") ?? "")),
  };
}
