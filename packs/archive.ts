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

/** What an archive may be, so that one from elsewhere cannot fill the disk. */
export interface Limits {
  files: number;
  bytes: number;
}

const limitsOfPack: Limits = { files: 20_000, bytes: 8 * 2 ** 30 };

/** Free space that unpacking leaves alone. */
const spared_mib = 200;

/**
 * Unpacks an archive into an empty folder. Only plain files and folders are taken, and only below one
 * top folder; their modes are reduced to "may be run or not".
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
  const allowed = { files: limits.files, bytes: Math.min(limits.bytes, room) };
  const unpacked = Readable.toWeb(createReadStream(path).pipe(createZstdDecompress()));
  const tops = new Set<string>();
  try {
    const entries = (unpacked as ReadableStream<Uint8Array>)
      .pipeThrough(createTarDecoder({ strict: true }));
    for await (const entry of entries) {
      allowed.files--;
      allowed.bytes -= entry.header.size;
      if (allowed.files < 0 || allowed.bytes < 0) throw refusal(name, "it is too large");
      tops.add(topOf(entry, name));
      await writeEntry(entry, folder, name);
    }
  } catch (error) {
    if (error instanceof LabError) throw error;
    throw new LabError(
      `Cannot unpack ${name}: it is damaged or no such archive (${(error as Error).message})`,
      "Get it again; `zstd -t` says whether it arrived whole",
    );
  }
  if (tops.size !== 1) throw refusal(name, `it has ${tops.size} top folders, not one`);
  return [...tops][0]!;
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
