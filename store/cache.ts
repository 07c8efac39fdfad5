// SPDX-License-Identifier: Apache-2.0
/**
 * What was built once is kept by the digest of everything it was built from.
 *
 * An entry is a folder `<root>/<kind>/<digest>` that holds the outputs and a manifest with their
 * digests. It is built beside and renamed into place, so that it is either whole or absent, and
 * it is checked when used, so that a damaged one is named and built again. Deleting the cache
 * costs time, never data.
 */
import { join } from "@std/path";
import { z } from "zod";
import { filesBelow, sha256, sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { writing } from "../base/full_disk.ts";
import { exists, removeIfThere, requireSpace, withLock, writeAtomically } from "../base/files.ts";
import { type Report, reportToStderr } from "../base/report.ts";

export interface CacheOptions {
  /** For messages: "the patched 6.1 kernel". */
  what: string;
  /** Room the build needs while it runs. */
  needs_mib: number;
  report?: Report;
  /** What happens when the entry is damaged: "building the patched 6.1 kernel again". */
  again?: string;
  /** Hash every file however large, not only where size or time look wrong. */
  thorough?: boolean;
}

export interface CacheEntry {
  digest: string;
  dir: string;
  /** Whether this call built it. */
  built: boolean;
  /** Wall time of this call; near zero when the entry was there. */
  seconds: number;
  /** Wall time of the build, whenever that was. */
  build_seconds: number;
  /** What the build chose to note about itself, such as the exact version. */
  notes: Record<string, string>;
}

export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/);
const manifestFile = z.object({
  size: z.int().min(0),
  mtime_ms: z.number(),
  sha256: sha256Text,
  /** Where it leads, if it is a symbolic link; the digest is of that text then. */
  link: z.string().optional(),
});
/** Path of an output, inside of the entry. */
export const inside = z.string().refine((path) =>
  path !== "" && path.split("/").every((step) => !["", ".", ".."].includes(step))
);
const manifestType = z.object({
  kind: z.string(),
  digest: z.string(),
  build_seconds: z.number(),
  notes: z.record(z.string(), z.string()),
  files: z.record(inside, manifestFile),
});
type ManifestFile = z.infer<typeof manifestFile>;
type Manifest = z.infer<typeof manifestType>;

const manifestName = "manifest.json";

/**
 * Entries up to this size are hashed each time they are used: it takes less than 0.2 s. Larger
 * ones are only hashed where size or time differ from the manifest.
 */
const alwaysHashed_bytes = 128 * 2 ** 20;

/**
 * The folder of all caches.
 *
 * @throws {LabError} when neither XDG_CACHE_HOME nor HOME says where it could be.
 */
export function cacheRoot(): string {
  const xdg = Deno.env.get("XDG_CACHE_HOME");
  if (xdg !== undefined && xdg.startsWith("/")) return join(xdg, "samepage-lab");
  const home = Deno.env.get("HOME");
  if (home === undefined || home === "") {
    throw new LabError("Cannot find the cache: HOME is not set", "Set HOME or XDG_CACHE_HOME");
  }
  return join(home, ".cache", "samepage-lab");
}

/** An entry that somebody has asked for. */
export interface UsedEntry extends CacheEntry {
  kind: string;
  /** For people: "the patched 6.1 kernel". */
  what: string;
}

let watchers: ((entry: UsedEntry) => void)[] = [];

/** Runs `work` and tells which entries it was given, built or found, each once. */
export async function watchingEntries<T>(
  work: () => Promise<T>,
): Promise<{ result: T; entries: UsedEntry[] }> {
  const entries = new Map<string, UsedEntry>();
  const watch = (entry: UsedEntry) => entries.set(`${entry.kind}/${entry.digest}`, entry);
  watchers.push(watch);
  try {
    const result = await work();
    return { result, entries: [...entries.values()] };
  } finally {
    watchers = watchers.filter((one) => one !== watch);
  }
}

function used(kind: string, what: string, entry: CacheEntry): CacheEntry {
  for (const watch of watchers) watch({ ...entry, kind, what });
  return entry;
}

/** Something would have to be built, where nothing may be. */
export class NotBuilt extends LabError {}

let mayBuild = true;

/**
 * Looks at what is there, and builds nothing meanwhile, in this whole process.
 *
 * @throws {NotBuilt} when something is missing.
 */
export async function withoutBuilding<T>(look: () => Promise<T>): Promise<T> {
  mayBuild = false;
  try {
    return await look();
  } finally {
    mayBuild = true;
  }
}

/**
 * Gives the entry for a digest, building it if it is absent or damaged.
 *
 * Two processes that want the same entry do not build it twice: one waits for the other.
 *
 * @param build fills the empty folder it is given; what it returns is kept as notes.
 * @throws {NoRoom} when there is no room, and whatever `build` throws.
 */
export function cached(
  kind: string,
  digest: string,
  build: (dir: string) => Promise<Record<string, string> | void>,
  options: CacheOptions,
): Promise<CacheEntry> {
  const began_ms = performance.now();
  const root = cacheRoot();
  const dir = join(root, kind, digest);
  const report = options.report ?? reportToStderr;
  const seconds = () => (performance.now() - began_ms) / 1000;

  return withLock(join(root, "locks", `${kind}-${digest}`), async () => {
    const there = await findCached(kind, digest, options);
    if (there !== undefined) return { ...there, seconds: seconds() };
    if (!mayBuild) throw new NotBuilt(`Cannot go on: ${options.what} is not built`);
    await removeIfThere(dir);
    await Deno.mkdir(join(root, kind), { recursive: true });
    await requireSpace(root, options.needs_mib, `build ${options.what}`);
    const made = await withScratch(
      `${kind}-${digest}`,
      (draft) => writing(draft, () => buildBeside(draft, dir, kind, build)),
    );
    return used(kind, options.what, {
      ...{ digest, dir, built: true, seconds: seconds() },
      ...about(made),
    });
  }, () => report(`Waiting for another lab process that is building ${options.what}`));
}

/**
 * The entry for a digest if it is there and sound. A damaged one is reported by the name of the
 * file and counts as absent.
 */
export async function findCached(
  kind: string,
  digest: string,
  options: Pick<CacheOptions, "what" | "report" | "thorough" | "again">,
): Promise<CacheEntry | undefined> {
  const began_ms = performance.now();
  const dir = join(cacheRoot(), kind, digest);
  if (!await exists(dir)) return undefined;
  const manifest = await readManifest(dir);
  const damage = manifest === undefined
    ? `${manifestName} is missing or not as the lab wrote it`
    : await findDamage(dir, manifest, options.thorough ?? false);
  if (manifest !== undefined && damage === undefined) {
    const seconds = (performance.now() - began_ms) / 1000;
    return used(kind, options.what, { digest, dir, built: false, seconds, ...about(manifest) });
  }
  const report = options.report ?? reportToStderr;
  const again = options.again ?? `building ${options.what} again`;
  report(`${dir} is damaged (${damage}): ${again}`, "warning");
  return undefined;
}

/**
 * Where the log of a build goes: outside of the entry, which a failed build leaves no trace of.
 * A log of an earlier attempt is removed.
 */
export async function newLog(name: string): Promise<string> {
  const path = join(cacheRoot(), "logs", `${name}.log`);
  await Deno.mkdir(join(cacheRoot(), "logs"), { recursive: true });
  await removeIfThere(path);
  return path;
}

/**
 * Runs `work` with an empty folder in the cache for whatever it needs in between, and removes the
 * folder afterwards. The name must be one that nobody else uses at the same time. A lock beside
 * the folder says that somebody uses it; see `removeLeftovers()`.
 */
export async function withScratch<T>(name: string, work: (dir: string) => Promise<T>): Promise<T> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) {
    throw new LabError(`Cannot work in a folder of the name ${JSON.stringify(name)}`);
  }
  const dir = join(scratchRoot(), name);
  const lock = `${dir}${scratchLockSuffix}`;
  return await withLock(lock, async () => {
    await removeIfThere(dir);
    await Deno.mkdir(dir, { recursive: true });
    try {
      return await work(dir);
    } finally {
      await removeIfThere(dir);
      await removeIfThere(lock);
    }
  });
}

/** The folder of all that is only there while somebody works. */
export function scratchRoot(): string {
  return join(cacheRoot(), "tmp");
}

export const scratchLockSuffix = ".lock";

/** How long an entry took to build, whenever that was; nothing where it is none. */
export async function buildSecondsOf(dir: string): Promise<number | undefined> {
  return (await readManifest(dir))?.build_seconds;
}

function about({ build_seconds, notes }: Manifest): Pick<CacheEntry, "build_seconds" | "notes"> {
  return { build_seconds, notes };
}

/** Builds in a folder of its own, which becomes the entry once it is whole. */
async function buildBeside(
  draft: string,
  dir: string,
  kind: string,
  build: (dir: string) => Promise<Record<string, string> | void>,
): Promise<Manifest> {
  const began_ms = performance.now();
  const notes = await build(draft) ?? {};
  const files: Record<string, ManifestFile> = {};
  for (const path of await filesBelow(draft)) files[path] = await describe(join(draft, path));
  const build_seconds = Math.round((performance.now() - began_ms) / 100) / 10;
  const digest = dir.slice(dir.lastIndexOf("/") + 1);
  const manifest: Manifest = { kind, digest, build_seconds, notes, files };
  await writeAtomically(join(draft, manifestName), JSON.stringify(manifest, null, 2) + "\n");
  await Deno.rename(draft, dir);
  return manifest;
}

async function describe(path: string): Promise<ManifestFile> {
  const info = await Deno.lstat(path);
  if (info.isSymlink) {
    const link = await Deno.readLink(path);
    return { size: link.length, mtime_ms: 0, sha256: sha256(link), link };
  }
  return {
    size: info.size,
    mtime_ms: info.mtime?.getTime() ?? 0,
    sha256: await sha256OfFile(path),
  };
}

/** Nothing for one that is absent, is not of the form, or is another entry's. */
async function readManifest(dir: string): Promise<Manifest | undefined> {
  try {
    const text = await Deno.readTextFile(join(dir, manifestName));
    const manifest = manifestType.parse(JSON.parse(text));
    return dir.endsWith(`/${manifest.kind}/${manifest.digest}`) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with an entry, in words, or nothing. */
async function findDamage(
  dir: string,
  manifest: Manifest,
  thorough: boolean,
): Promise<string | undefined> {
  const sizes = Object.values(manifest.files).map((file) => file.size);
  const hashAll = thorough || sizes.reduce((sum, size) => sum + size, 0) <= alwaysHashed_bytes;
  for (const [path, expected] of Object.entries(manifest.files)) {
    if (expected.link !== undefined) {
      const target = await Deno.readLink(join(dir, path)).catch(() => undefined);
      if (target !== expected.link) return `${path} leads elsewhere, or nowhere`;
      continue;
    }
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(join(dir, path));
    } catch {
      return `${path} is missing`;
    }
    if (!info.isFile) return `${path} is no file`;
    if (info.size !== expected.size) {
      return `${path} has ${info.size} bytes, not ${expected.size}`;
    }
    const touched = info.mtime?.getTime() !== expected.mtime_ms;
    if ((hashAll || touched) && await sha256OfFile(join(dir, path)) !== expected.sha256) {
      return `${path} has other content`;
    }
  }
  return undefined;
}

/** Digests of an entry's outputs by path, for those who record what they ran on. */
export async function outputDigests(dir: string): Promise<Record<string, string>> {
  const manifest = await readManifest(dir);
  if (manifest === undefined) {
    throw new LabError(`Cannot read ${dir}: it is not a whole cache entry`, "Run it again");
  }
  return Object.fromEntries(
    Object.entries(manifest.files).map(([path, file]) => [path, file.sha256]),
  );
}
