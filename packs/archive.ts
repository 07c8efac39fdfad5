// SPDX-License-Identifier: Apache-2.0
/**
 * Archives: tar in zstd, the same bytes for the same files, and unpacked with distrust. Names are
 * sorted; times, owners and permissions are fixed; nothing of the machine gets in.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress, createZstdDecompress } from "node:zlib";
import { dirname, join } from "@std/path";
import { createTarDecoder, createTarPacker, type ParsedTarEntry } from "modern-tar";
import { filesBelow } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { freeSpace_mib } from "../base/files.ts";

/** Binaries of a run hold each other's content: far matches halve the archive. */
const compression = {
  [constants.ZSTD_c_compressionLevel]: 9,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1,
  /* The largest that zstd unpacks without being told to. */
  [constants.ZSTD_c_windowLog]: 27,
};

const epoch = new Date(0);
const fileMode = 0o644;
const programMode = 0o755;

/**
 * Packs all files below a folder, under the name of a top folder in the archive.
 *
 * @throws {LabError} for anything that is neither a file nor a folder.
 */
export async function writeArchive(path: string, folder: string, top: string): Promise<void> {
  const { readable, controller } = createTarPacker();
  const compressing = pipeline(
    Readable.fromWeb(readable as Parameters<typeof Readable.fromWeb>[0]),
    createZstdCompress({ params: compression }),
    createWriteStream(path),
  );
  try {
    for (const name of await filesBelow(folder)) {
      const source = join(folder, name);
      const { isFile, size, mode } = await Deno.lstat(source);
      if (!isFile) throw new LabError(`Cannot pack ${source}: it is not a file`);
      const program = ((mode ?? 0) & 0o100) !== 0;
      const header = { mode: program ? programMode : fileMode, mtime: epoch, uid: 0, gid: 0 };
      const body = controller.add({ name: `${top}/${name}`, size, type: "file", ...header });
      using file = await Deno.open(source);
      await file.readable.pipeTo(body);
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
    await compressing.catch(() => {});
    throw error;
  }
  await compressing;
}

/** What an archive may be, so that one from elsewhere can fill neither disk nor memory, nor take for ever. */
export interface Limits {
  /** Files and folders that stand in it. */
  members: number;
  /** Folders that unpacking makes, named in it or not. */
  folders: number;
  /** Steps of a path. */
  depth: number;
  /** Of all files together. */
  bytes: number;
}

/** A pack has a few hundred files in some thirty folders, seven deep; one with many trials some thousands. */
const limitsOfPack: Limits = { members: 50_000, folders: 10_000, depth: 16, bytes: 8 * 2 ** 30 };

/** Longest path: what most file systems have for a name, a few times. */
const longestPath = 1000;

/** Of one that is too long. */
const shownPath = 40;

/** What the archive has around the files: at most so much for each member. */
const around_bytes = 4096;

/** Free space that unpacking leaves alone. */
const spared_mib = 200;

/**
 * Unpacks an archive into an empty folder. Only plain files and folders are taken, and only below one
 * top folder; their modes are reduced to "may be run or not". It is read to its end before anything is
 * written.
 *
 * @returns the name of the top folder.
 * @throws {LabError} if it is no such archive, is damaged, leaves the folder or exceeds the limits.
 */
export async function readArchive(
  path: string,
  folder: string,
  limits = limitsOfPack,
): Promise<string> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const room = (await freeSpace_mib(folder) - spared_mib) * 2 ** 20;
  const allowed = { ...limits, bytes: Math.min(limits.bytes, room) };
  const tops = new Set<string>();
  const folders = new Set<string>();
  let [members, bytes] = [0, 0];
  await forEachEntry(path, name, allowed, async (entry) => {
    members += 1;
    bytes += entry.header.size;
    tops.add(topOf(entry, name));
    addFolders(entry, folders);
    requireWithin({ members, bytes, folders: folders.size, depth: depthOf(entry) }, allowed, name);
    await entry.body.cancel();
  });
  if (tops.size !== 1) throw refusal(name, `it has ${tops.size} top folders, not one`);
  await forEachEntry(path, name, allowed, (entry) => writeEntry(entry, folder, name));
  return [...tops][0]!;
}

async function forEachEntry(
  path: string,
  name: string,
  { members, bytes }: Limits,
  use: (entry: ParsedTarEntry) => Promise<void>,
): Promise<void> {
  /* The decoder keeps long headers in memory; they end here. */
  let left = bytes + (members + 1) * around_bytes;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      left -= chunk.length;
      if (left < 0) throw refusal(name, "it is too large");
      controller.enqueue(chunk);
    },
  });
  const file = createReadStream(path);
  const unpacked = createZstdDecompress();
  file.on("error", (error) => unpacked.destroy(error));
  try {
    /* As an iterable: what Readable.toWeb() makes throws out of nowhere when it is left early. */
    const entries = ReadableStream.from<Uint8Array>(file.pipe(unpacked))
      .pipeThrough(counted)
      .pipeThrough(createTarDecoder({ strict: true }));
    for await (const entry of entries) await use(entry);
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError(
      `Cannot unpack ${name}: it is damaged or no such archive (${(error as Error).message})`,
      "Get it again; `zstd -t` says whether it arrived whole",
    );
  } finally {
    file.destroy();
    unpacked.destroy();
  }
}

function requireWithin(found: Limits, allowed: Limits, name: string): void {
  const exceeded = (Object.keys(allowed) as (keyof Limits)[]).find((what) =>
    found[what] > allowed[what]
  );
  if (exceeded === undefined) return;
  const most = Math.max(0, Math.floor(allowed[exceeded])).toLocaleString("en");
  throw refusal(name, `it is too large: more than ${most} ${exceeded}`);
}

/** The folders that an entry needs; each path once. */
function addFolders({ header: { name, type } }: ParsedTarEntry, folders: Set<string>): void {
  const path = name.replace(/\/$/, "");
  for (let end = type === "directory" ? path.length : path.lastIndexOf("/"); end > 0;) {
    const above = path.slice(0, end);
    if (folders.has(above)) return;
    folders.add(above);
    end = above.lastIndexOf("/");
  }
}

function depthOf({ header: { name } }: ParsedTarEntry): number {
  return name.replace(/\/$/, "").split("/").length;
}

async function writeEntry({ header, body }: ParsedTarEntry, folder: string, archive: string) {
  const target = join(folder, header.name);
  if (header.type === "directory") {
    await body.cancel();
    await Deno.mkdir(target, { recursive: true });
    return;
  }
  if (header.type !== "file") {
    throw refusal(archive, `"${header.name}" is neither a file nor a folder`);
  }
  await Deno.mkdir(dirname(target), { recursive: true });
  const program = ((header.mode ?? 0) & 0o100) !== 0;
  /* createNew: a second file of a name, or one behind a link, is refused. */
  using file = await Deno.open(target, {
    ...{ write: true, createNew: true, mode: program ? programMode : fileMode },
  });
  await body.pipeTo(file.writable);
}

/** The first step of an entry's path, which must stay inside. */
function topOf({ header: { name, type } }: ParsedTarEntry, archive: string): string {
  const steps = name.replace(/\/$/, "").split("/");
  const stray = steps.some((step) => step === "" || step === "." || step === "..") ||
    /[\0\\\n]/.test(name);
  if (stray) throw refusal(archive, `"${name}" lies outside of it`);
  if (name.length > longestPath) {
    throw refusal(archive, `"${name.slice(0, shownPath)}..." is too long a path`);
  }
  if (steps.length === 1 && type !== "directory") {
    throw refusal(archive, `"${name}" lies beside its top folder`);
  }
  return steps[0]!;
}

function refusal(name: string, reason: string): LabError {
  return new LabError(
    `Cannot unpack ${name}: ${reason}`,
    "It was not made by `lab pack`, or was changed since",
  );
}
