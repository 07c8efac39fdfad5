// SPDX-License-Identifier: Apache-2.0
/**
 * Debian packages by lock: the exact version with the exact content, or, when the mirror has it no
 * longer, the newest of the same line together with a visible warning and `drift: true`, so that
 * nobody compares such a result as exact.
 */
import { dirname, join } from "@std/path";
import { addressesFor, AptIndex, archiveSources, type Offer, systemSources } from "./apt.ts";
import { cacheRoot } from "../store/cache.ts";
import { type Choice, choose, isExact, namesIn } from "./debian_choice.ts";
import { sha256OfFile, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists, removeIfThere, requireSpace, withLock } from "../base/files.ts";
import { complain, damageIn, listFiles, type LockedFile, twice } from "./locked_files.ts";
import { isHere, ProgramFailed } from "../base/process.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import { download } from "./download.ts";
import type { DebianRelease } from "./releases.ts";

/** One binary package as the lock has it. */
export interface LockedDeb {
  name: string;
  version: string;
  arch: "all" | "amd64";
  size: number;
  sha256: string;
  /** Its folder in the mirror: with it nothing else of the mirror's has to be asked. */
  folder?: string;
  /** Replacements must have a version that begins like this; without it any will do. */
  line?: string;
  /** Names of packages that can take its place, where each version has a name of its own. */
  successors?: string;
}

/** One source package as the lock has it. */
export interface LockedSource {
  name: string;
  version: string;
  files: readonly LockedFile[];
  /** As of a binary package. */
  folder?: string;
  line?: string;
}

export interface FetchedDeb {
  name: string;
  version: string;
  path: string;
  sha256: string;
  drift: boolean;
}

export interface FetchedSource {
  name: string;
  version: string;
  /** Folder with the .dsc and the archives it names. */
  dir: string;
  dsc: string;
  /** Digest over the names and digests of all its files. */
  sha256: string;
  drift: boolean;
}

export interface FetchOptions {
  report?: Report;
  /** Where other versions are looked for, if not among Debian 12's. */
  release?: DebianRelease;
  /** Lines as in sources.list, instead of the release from the system's mirror. */
  sources?: string;
  /** The same for the archive of old versions, instead of what LAB_ARCHIVE names. */
  archive?: string;
  /** No other version will do. */
  exact?: boolean;
}

/** Why a file cannot be asked for by its content. */
const notPlaced = "where it lies is not locked";

/** Room beside the files themselves: the index in its packed and unpacked forms. */
const indexRoom_mib = 200;

const indexes = new Map<string, AptIndex>();

/** Where packages come from: the mirror, and an archive of old versions if one is named. */
export async function indexesFor(
  options: FetchOptions,
): Promise<{ mirror: AptIndex; archive: AptIndex | undefined }> {
  const { release } = options;
  const archive = options.archive ?? archiveSources(Deno.env.get("LAB_ARCHIVE") ?? "", release);
  return {
    mirror: indexOf(options.sources ?? await systemSources(release)),
    archive: archive === "" ? undefined : indexOf(archive),
  };
}

function indexOf(sources: string): AptIndex {
  const key = `${cacheRoot()}\n${sources}`;
  const index = indexes.get(key) ?? new AptIndex(sources);
  indexes.set(key, index);
  return index;
}

/**
 * Fetches one locked package. See {@linkcode fetchDebs}.
 */
export async function fetchDeb(locked: LockedDeb, options: FetchOptions = {}): Promise<FetchedDeb> {
  const [fetched] = await fetchDebs([locked], options);
  return fetched!;
}

/**
 * Fetches locked packages, from the cache where it has them, all others in one go.
 *
 * @throws {LabError} when the mirror cannot be reached, has nothing of a package's line, or gives
 * the exact version with other content twice.
 */
export async function fetchDebs(
  locked: readonly LockedDeb[],
  options: FetchOptions = {},
): Promise<FetchedDeb[]> {
  const report = options.report ?? reportToStderr;
  const store = await storeDir();
  const exact = (deb: LockedDeb): FetchedDeb => ({
    name: deb.name,
    version: deb.version,
    path: join(store, debFileName(deb)),
    sha256: deb.sha256,
    drift: false,
  });
  if ((await missing(locked, store, report)).length === 0) return locked.map(exact);

  return withStoreLock(report, async () => {
    let absent = await missing(locked, store, report);
    if (absent.length === 0) return locked.map(exact);
    const size = absent.reduce((sum, deb) => sum + deb.size, 0);
    await requireSpace(store, indexRoom_mib + size / 2 ** 20, "download packages");
    const failures = await downloadByContent(absent, store, options, report);
    absent = absent.filter((deb) => failures.has(debFileName(deb)));
    if (absent.length === 0) return locked.map(exact);
    if (options.exact || !await isHere("apt-cache")) {
      const [{ name, version }] = absent as [LockedDeb];
      throw cannotFetch(name, version, failures.get(debFileName(absent[0]!))!);
    }
    const find = async (index: AptIndex) => index.packages(await namesIn(index, absent));
    const chosen = await orWhy(
      choose(await indexesFor(options), absent, find, report),
      absent[0]!,
      failures.get(debFileName(absent[0]!)),
    );
    await downloadDebs(chosen, store, report);
    const drifted = new Map(
      chosen.filter(({ offer, wanted }) => !isExact(wanted, offer))
        .map(({ offer, wanted }) => [wanted.name, offer]),
    );
    return await Promise.all(locked.map(async (deb) => {
      const offer = drifted.get(deb.name);
      if (offer === undefined) return exact(deb);
      const path = join(store, debFileName(offer));
      return { ...exact(deb), ...offer, path, sha256: await sha256OfFile(path), drift: true };
    }));
  });
}

/**
 * Fetches the files of a locked source package.
 *
 * @throws {LabError} as {@linkcode fetchDebs} does.
 */
export async function fetchSource(
  locked: LockedSource,
  options: FetchOptions = {},
): Promise<FetchedSource> {
  const report = options.report ?? reportToStderr;
  const store = await storeDir();
  const place = (version: string) => join(store, `${locked.name}_${encodeVersion(version)}`);
  const result = async (version: string): Promise<FetchedSource> => {
    const dir = place(version);
    const drift = version !== locked.version;
    const files = drift ? await listFiles(dir) : locked.files;
    const dsc = files.find(({ name }) => name.endsWith(".dsc"))?.name ?? "";
    const sha256 = sourceDigest(files);
    return { name: locked.name, version, dir, dsc: join(dir, dsc), sha256, drift };
  };
  if (await damageIn(place(locked.version), locked.files, report) === undefined) {
    return result(locked.version);
  }
  return withStoreLock(report, async () => {
    if (await damageIn(place(locked.version), locked.files, report) === undefined) {
      return result(locked.version);
    }
    const reason = await sourceByContent(locked, place(locked.version), options, report);
    if (reason === undefined) return result(locked.version);
    const find = (index: AptIndex) => index.sources(locked.name);
    const choosing = choose(await indexesFor(options), [locked], find, report);
    const [choice] = await orWhy(choosing, locked, reason);
    const { offer, index } = choice!;
    const exact = offer.version === locked.version;
    if (!exact && await exists(place(offer.version))) return result(offer.version);
    const size = locked.files.reduce((sum, file) => sum + file.size, 0);
    await requireSpace(store, indexRoom_mib + size / 2 ** 20, `download ${locked.name}`);
    await twice(async (last) => {
      const draft = `${place(offer.version)}.part`;
      await removeIfThere(draft);
      await Deno.mkdir(draft, { recursive: true });
      await index.downloadSource(offer, draft);
      const damage = exact ? await damageIn(draft, locked.files, () => {}) : undefined;
      if (damage !== undefined) return complain(locked.name, damage, last, report);
      await removeIfThere(place(offer.version));
      await Deno.rename(draft, place(offer.version));
      return true;
    });
    return result(offer.version);
  });
}

/** Digest over the names and digests of a source package's files, whatever their order. */
export function sourceDigest(files: readonly LockedFile[]): string {
  return sha256OfJson(files.map(({ name, sha256 }) => `${name} ${sha256}`).sort());
}

/** Where files of the pools are had: lines as in sources.list, the archive's last. */
async function poolSources(options: FetchOptions): Promise<string> {
  const { release } = options;
  return (options.sources ?? await systemSources(release)) +
    (options.archive ?? archiveSources(Deno.env.get("LAB_ARCHIVE") ?? "", release));
}

/**
 * What has a known folder in the mirrors' pools is fetched from there, from the archive of old versions
 * last.
 *
 * @returns why each of the others is not there, by its file's name.
 */
async function downloadByContent(
  absent: readonly LockedDeb[],
  store: string,
  options: FetchOptions,
  report: Report,
): Promise<Map<string, string>> {
  const sources = await poolSources(options);
  const placed = absent.filter(({ folder }) => folder !== undefined);
  const failures = placed.length === 0 ? new Map<string, string>() : await download(
    placed.map(({ name, version, arch, size, sha256, folder }) => ({
      file: { name: debFileName({ name, version, arch }), size, sha256 },
      addresses: addressesFor(folder!, sources).map((base) =>
        `${base}/${folder}/${poolFileName({ name, version, arch })}`
      ),
    })),
    store,
    report,
  );
  for (const deb of absent) {
    if (deb.folder === undefined) failures.set(debFileName(deb), notPlaced);
  }
  return failures;
}

/**
 * The same for the files of a source package.
 *
 * @returns why one of them is not there, or nothing when all are.
 * @throws {LabError} when they are not, and there is no apt to ask for others.
 */
async function sourceByContent(
  { name, version, files, folder }: LockedSource,
  dir: string,
  options: FetchOptions,
  report: Report,
): Promise<string | undefined> {
  if (folder === undefined) return notPlaced;
  const sources = await poolSources(options);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  await requireSpace(dirname(dir), size / 2 ** 20, `download ${name}`);
  const draft = `${dir}.part`;
  await Deno.mkdir(draft, { recursive: true });
  const wanted = files.map((file) => ({
    file,
    addresses: addressesFor(folder, sources).map((base) => `${base}/${folder}/${file.name}`),
  }));
  const [failure] = (await download(wanted, draft, report)).values();
  if (failure === undefined) {
    await removeIfThere(dir);
    await Deno.rename(draft, dir);
    return undefined;
  }
  if (!await isHere("apt-cache")) throw cannotFetch(name, version, failure);
  return failure;
}

/** A mirror that gives no index either is named by what it gave in a file's place: that is one sentence. */
async function orWhy<T>(
  asking: Promise<T>,
  { name, version }: LockedDeb | LockedSource,
  reason = notPlaced,
): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof ProgramFailed) || reason === notPlaced) throw error;
    throw cannotFetch(name, version, reason);
  }
}

function cannotFetch(name: string, version: string, reason: string): LabError {
  return new LabError(
    `Cannot fetch ${name} ${version}: ${reason}`,
    "Check the network, name a mirror in LAB_MIRROR, or an archive of old versions in LAB_ARCHIVE " +
      "(see docs/BUILDS.md); what is in the cache already can be used without either",
  );
}

async function storeDir(): Promise<string> {
  const dir = join(cacheRoot(), "debian");
  await Deno.mkdir(dir, { recursive: true });
  return dir;
}

function withStoreLock<T>(report: Report, work: () => Promise<T>): Promise<T> {
  return withLock(
    join(cacheRoot(), "locks", "debian"),
    work,
    () => report("Waiting for another download to end"),
  );
}

/** apt writes the colon of an epoch like this in file names. */
function encodeVersion(version: string): string {
  return version.replaceAll(":", "%3a");
}

/** In the pool a version's epoch is not part of the name. */
function poolFileName({ name, version, arch }: Offer): string {
  return `${name}_${version.replace(/^\d+:/, "")}_${arch}.deb`;
}

function debFileName({ name, version, arch }: Offer): string {
  return `${name}_${encodeVersion(version)}_${arch}.deb`;
}

/** Which of the packages and sources are in the cache as the lock has them. */
export async function inStore(locked: LockedDeb | LockedSource): Promise<boolean> {
  const store = await storeDir();
  if ("files" in locked) {
    const dir = join(store, `${locked.name}_${encodeVersion(locked.version)}`);
    return await damageIn(dir, locked.files, () => {}) === undefined;
  }
  return (await missing([locked], store, () => {})).length === 0;
}

/** Those of the packages that the store does not have as they should be. */
async function missing(
  locked: readonly LockedDeb[],
  store: string,
  report: Report,
): Promise<LockedDeb[]> {
  const absent: LockedDeb[] = [];
  for (const deb of locked) {
    const file = { name: debFileName(deb), size: deb.size, sha256: deb.sha256 };
    if (await damageIn(store, [file], report) !== undefined) absent.push(deb);
  }
  return absent;
}

async function downloadDebs(
  chosen: readonly Choice<LockedDeb>[],
  store: string,
  report: Report,
): Promise<void> {
  await twice(async (last) => {
    const draft = join(store, ".part");
    await removeIfThere(draft);
    await Deno.mkdir(draft, { recursive: true });
    for (const [index, choices] of Map.groupBy(chosen, ({ index }) => index)) {
      await index.download(choices.map(({ offer }) => offer), draft);
    }
    for (const { wanted, offer } of chosen) {
      const name = debFileName(offer);
      const file = { name, size: wanted.size, sha256: wanted.sha256 };
      const damage = isExact(wanted, offer) ? await damageIn(draft, [file], () => {}) : undefined;
      if (damage !== undefined) return complain(name, damage, last, report);
      await Deno.rename(join(draft, name), join(store, name));
    }
    await removeIfThere(draft);
    return true;
  });
}
