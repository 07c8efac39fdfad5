// SPDX-License-Identifier: Apache-2.0
/**
 * Single files of Debian's pool by their digest: for a source whose description (.dsc) the mirrors of
 * Debian 12 do not have. The content is known beforehand, so that no signature is needed, and there is
 * no newer version to take its place.
 */
import { join } from "@std/path";
import { archiveSources, systemSources } from "./apt.ts";
import type { FetchOptions } from "./debian.ts";
import { damageIn, type LockedFile } from "./locked_files.ts";
import { LabError } from "../base/errors.ts";
import { removeIfThere, requireSpace, withLock } from "../base/files.ts";
import { run } from "../base/process.ts";
import { reportToStderr } from "../base/report.ts";
import { cacheRoot, withScratch } from "../store/cache.ts";

/** A file of the pool as the lock has it. */
export interface LockedPoolFile {
  name: string;
  version: string;
  /** Its folder in the mirror, such as "pool/main/b/bochs". */
  pool: string;
  file: LockedFile;
}

/** apt's own client, which knows the machine's proxies; no part of apt's programs for people. */
const helper = "/usr/lib/apt/apt-helper";
const downloadLimit_s = 900;
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
    const reasons: string[] = [];
    const { mirror, archive } = await addressesFor(options);
    for (const address of new Set([...mirror, ...archive])) {
      const reason = await download(addressOf(locked, address), dir, locked);
      if (reason === undefined) return path;
      reasons.push(reason);
    }
    throw new LabError(
      `Cannot fetch ${locked.name} ${locked.version}: ${reasons.join("; ")}`,
      "Check the network and the mirror named in /etc/apt, or name an archive of old versions in " +
        "LAB_ARCHIVE; what is in the cache already can be used without either",
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
  const { mirror, archive } = await addressesFor(options);
  const offered = (addresses: readonly string[]) =>
    withScratch(`pool-${locked.name}`, async (dir) => {
      for (const address of addresses) {
        if (await download(addressOf(locked, address), dir, locked) === undefined) return true;
      }
      return false;
    });
  return {
    mirror: await offered(mirror),
    archive: archive.length === 0 ? null : await offered(archive),
  };
}

function addressOf({ pool, file }: LockedPoolFile, base: string): string {
  return `${base}/${pool}/${file.name}`;
}

function placeOf({ name, version }: LockedPoolFile): string {
  return join(cacheRoot(), "debian", `${name}_${version.replaceAll(":", "%3a")}`);
}

/** Base addresses of the mirror and of the archives. */
async function addressesFor(
  options: FetchOptions,
): Promise<{ mirror: string[]; archive: string[] }> {
  return {
    mirror: poolAddresses(options.sources ?? await systemSources()),
    archive: poolAddresses(options.archive ?? archiveSources(Deno.env.get("LAB_ARCHIVE") ?? "")),
  };
}

/** The base addresses in lines as in sources.list; the pool of security updates has other files. */
export function poolAddresses(sources: string): string[] {
  const found = [...sources.matchAll(/^deb(?:-src)? +(?:\[[^\]]*\] +)?(\S+) +(\S+) /gm)]
    .filter(([, , suite]) => !suite!.endsWith("-security"))
    .map(([, address]) => address!.replace(/\/$/, ""));
  return [...new Set(found)];
}

/** @returns what was wrong, or nothing. */
async function download(
  address: string,
  dir: string,
  { file }: LockedPoolFile,
): Promise<string | undefined> {
  const draft = join(dir, `${file.name}.part`);
  await removeIfThere(draft);
  const options = ["-q", "-o", "APT::Sandbox::User=root"];
  const wanted = ["download-file", address, draft, `SHA256:${file.sha256}`];
  try {
    await run(helper, [...options, ...wanted], {
      purpose: `download ${file.name}`,
      timeLimit_s: downloadLimit_s,
    });
  } catch (error) {
    if (error instanceof LabError) return `${address} cannot be had as it should be`;
    throw error;
  }
  await Deno.rename(draft, join(dir, file.name));
  return undefined;
}
