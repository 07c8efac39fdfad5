// SPDX-License-Identifier: Apache-2.0
/**
 * The lock files: JSON in which each object with a name and a version is a locked package, or, with
 * a list of files, a locked source package. Whether what they name can still be had, and how they
 * are brought up to date.
 */
import { join } from "@std/path";
import type { AptIndex, Offer } from "./apt.ts";
import { withScratch } from "../store/cache.ts";
import {
  bySuite,
  type FetchOptions,
  indexesFor,
  inStore,
  type LockedDeb,
  type LockedSource,
} from "./debian.ts";
import { freshOffers, isExact, isNamed, namesIn, nearestOf } from "./debian_choice.ts";
import { isPoolFileThere, type LockedPoolFile, offersOfPoolFile } from "./pool.ts";
import { writeAtomically } from "../base/files.ts";
import { listFiles } from "./locked_files.ts";
import { reportToStderr } from "../base/report.ts";

type LockedPackage = LockedDeb | LockedSource;
type Locked = LockedPackage | LockedPoolFile;

/** A lock file as it was read; the items are parts of `content`. */
export interface LockFile {
  /** Its path. */
  path: string;
  content: unknown;
  items: Locked[];
}

/** What became of a locked version. */
export interface ItemState {
  name: string;
  version: string;
  /** The mirror offers this version, with this content. */
  mirror: boolean;
  /** The archive of old versions offers it; `null` where none is named. */
  archive: boolean | null;
  /** It is in this machine's cache. */
  cache: boolean;
  /** The newest version of the same line that the mirror offers, if any. */
  newest: string | null;
}

/** A version that a lock has been moved to. */
export interface Move {
  path: string;
  name: string;
  from: string;
  to: string;
}

export async function readLock(path: string): Promise<LockFile> {
  const content = JSON.parse(await Deno.readTextFile(path)) as unknown;
  return { path, content, items: itemsIn(content) };
}

function itemsIn(value: unknown): Locked[] {
  if (typeof value !== "object" || value === null) return [];
  const { name, version } = value as Partial<Locked>;
  if (typeof name === "string" && typeof version === "string") return [value as Locked];
  return Object.values(value).flatMap(itemsIn);
}

const isSource = (item: Locked): item is LockedSource => "files" in item;
const isPoolFile = (item: Locked): item is LockedPoolFile => "pool" in item;
const isPackage = (item: Locked): item is LockedPackage => !isPoolFile(item);

/** Asks for all items at once: the tools take a second for each question. */
async function offersFor(index: AptIndex, items: readonly LockedPackage[]): Promise<Offer[]> {
  const debs = await namesIn(index, items.filter((item) => !isSource(item)));
  const sources = items.filter(isSource).map(({ name }) => name);
  const offers = debs.length === 0 ? [] : await index.packages(debs);
  for (const name of new Set(sources)) offers.push(...await index.sources(name));
  return offers;
}

/** An offer of the same name and kind: source packages may be called as binary ones are. */
function offersOf(item: LockedPackage, offers: readonly Offer[]): Offer[] {
  return offers.filter(({ name, arch }) =>
    isNamed(item, name) && (arch === "source") === isSource(item)
  );
}

function isOffered(item: LockedPackage, offers: readonly Offer[]): boolean {
  return offersOf(item, offers).some((offer) =>
    isExact(item, offer) && (isSource(item) || offer.sha256 === item.sha256)
  );
}

/**
 * What became of the items.
 *
 * @throws {LabError} when the mirror's index can neither be fetched nor is there already.
 */
export async function checkItems(
  items: readonly Locked[],
  options: FetchOptions = {},
): Promise<ItemState[]> {
  const report = options.report ?? reportToStderr;
  const states = new Map<Locked, ItemState>();
  for (const [suite, packages] of bySuite(items.filter(isPackage))) {
    const { mirror, archive } = await indexesFor(options, suite);
    const find = (index: AptIndex) => offersFor(index, packages);
    const offers = await freshOffers(mirror, packages, find, report);
    const old = archive === undefined
      ? undefined
      : await freshOffers(archive, packages, find, report);
    for (const item of packages) {
      states.set(item, {
        name: item.name,
        version: item.version,
        mirror: isOffered(item, offers),
        archive: old === undefined ? null : isOffered(item, old),
        cache: await inStore(item),
        newest: nearestOf(item, offersOf(item, offers))?.version ?? null,
      });
    }
  }
  for (const item of items.filter(isPoolFile)) {
    states.set(item, await stateOfPoolFile(item, options));
  }
  return items.map((item) => states.get(item)!);
}

async function stateOfPoolFile(item: LockedPoolFile, options: FetchOptions): Promise<ItemState> {
  const { name, version } = item;
  const offered = await offersOfPoolFile(item, options);
  return { name, version, ...offered, cache: await isPoolFileThere(item), newest: null };
}

/** Whether the exact version can be had at all. */
export function isThere({ mirror, archive, cache }: ItemState): boolean {
  return mirror || archive === true || cache;
}

/** "linux-source-6.1 6.1.192-2: gone; nearest 6.1.195-1". */
export function stateInWords(state: ItemState): string {
  const { name, version, mirror, archive, cache, newest } = state;
  const places = [
    ...(mirror ? ["in the mirror"] : []),
    ...(archive === true ? ["in the archive"] : []),
    ...(cache ? ["in the cache"] : []),
  ];
  const where = places.length === 0
    ? "GONE"
    : mirror
    ? places.join(", ")
    : `${places.join(", ")}, gone from the mirror`;
  const other = newest === version || (newest === null && mirror)
    ? ""
    : `; ${mirror ? "newer" : "nearest"} in the mirror: ${newest ?? "none"}`;
  return `${name} ${version}: ${where}${other}`;
}

/**
 * Moves the items of a lock file to the newest versions of their lines, and writes it. Items whose
 * line the mirror does not have stay as they are.
 *
 * @returns what has changed.
 */
export async function updateLock(lock: LockFile, options: FetchOptions = {}): Promise<Move[]> {
  const report = options.report ?? reportToStderr;
  /* Of a file of the pool no other version is known. */
  const moves: Move[] = [];
  for (const [suite, items] of bySuite(lock.items.filter(isPackage))) {
    const { mirror } = await indexesFor(options, suite);
    await mirror.update(true);
    const offers = await offersFor(mirror, items);
    for (const item of items) {
      const newest = nearestOf(item, offersOf(item, offers));
      if (newest === undefined) {
        report(`${item.name}: the mirror has nothing of its line; it stays as it is`, "warning");
        continue;
      }
      const { name, version: from } = item;
      if (isOffered(item, [newest])) continue;
      await moveTo(item, newest, mirror);
      moves.push({ path: lock.path, name, from, to: newest.version });
    }
  }
  if (moves.length > 0) {
    await writeAtomically(lock.path, JSON.stringify(lock.content, null, 2) + "\n");
  }
  return moves;
}

async function moveTo(item: LockedPackage, offer: Offer, mirror: AptIndex): Promise<void> {
  if (!isSource(item)) {
    const { name, version, size = 0, sha256 = "", arch, folder = "" } = offer;
    const placed = item.folder === undefined ? {} : { folder };
    Object.assign(item, { name, version, size, sha256, arch, ...placed });
    return;
  }
  /* The index gives no digests of sources in a form that is easily read: they are downloaded. */
  await withScratch(`lock-${item.name}`, async (dir) => {
    await mirror.downloadSource(offer, dir);
    const { version, folder = "" } = offer;
    const placed = item.folder === undefined ? {} : { folder };
    Object.assign(item, { version, ...placed, files: await listFiles(dir) });
  });
}

/** Where the lock files of a checkout are. */
export async function lockPaths(root: string): Promise<string[]> {
  const found = [
    "emulator/bochs/lock.json",
    "emulator/qemu/lock.json",
    "debian/room.lock.json",
    "debian/sysroot.lock.json",
    "hosts/testing/packages.lock.json",
  ];
  for (const [folder, file] of [["kernel/lines", "lock"], ["workloads", "packages.lock"]]) {
    for await (const { name, isDirectory } of Deno.readDir(join(root, folder!))) {
      if (isDirectory) found.push(`${folder}/${name}/${file}.json`);
    }
  }
  const paths = found.map((path) => join(root, path));
  const there = await Promise.all(
    paths.map((path) => Deno.stat(path).then(() => true, () => false)),
  );
  return paths.filter((_, at) => there[at]).sort();
}
