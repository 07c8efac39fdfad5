// SPDX-License-Identifier: Apache-2.0
/**
 * Debian's packages as what they are: an archive of ar(1) with a compressed archive of tar(1) in it. So
 * they can be unpacked where there is no dpkg.
 */
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { removeIfThere } from "../base/files.ts";
import { isHere, run } from "../base/process.ts";

/** A file within the package: where its bytes are. */
interface Member {
  name: string;
  at: number;
  size: number;
}

const magic = "!<arch>\n";
const headerBytes = 60;
const unpackLimit_s = 600;

/** How tar(1) is told of what a member is packed with. */
const compressions: Readonly<Record<string, string>> = { xz: "-J", gz: "-z", zst: "--zstd" };

/**
 * Puts a package's files into a folder. Nothing of the package is run, and all is the caller's.
 *
 * @throws {LabError} when it is no package, or tar(1) fails.
 */
export async function unpackPackage(
  path: string,
  dir: string,
  hasXz = () => isHere("xz"),
): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  using file = await Deno.open(path);
  const data = (await membersOf(file, path)).find(({ name }) => name.startsWith("data.tar"));
  const option = data && compressions[data.name.slice("data.tar.".length)];
  if (data === undefined || option === undefined) throw notOne(path);
  const archive = join(dir, `.${crypto.randomUUID()}.tar`);
  const byDpkg = option === compressions.xz && !await hasXz();
  try {
    if (byDpkg) await unpackByDpkg(path, archive);
    else await copyPart(file, data, archive);
    await run(
      "tar",
      [
        ...[...(byDpkg ? [] : [option]), "-x", "-f", archive, "-C", dir],
        /* Where /bin is a link to /usr/bin already, as on Debian 12, it stays one. */
        ...["--no-same-owner", "--no-same-permissions", "--keep-directory-symlink"],
      ],
      { purpose: `unpack ${path}`, timeLimit_s: unpackLimit_s },
    );
  } finally {
    await removeIfThere(archive);
  }
}

/**
 * The same for several, as many at a time as there are cores.
 *
 * @throws {LabError} as {@linkcode unpackPackage} does.
 */
export async function unpackPackages(paths: readonly string[], dir: string): Promise<void> {
  const waiting = [...paths];
  const unpackRest = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      await unpackPackage(path, dir);
    }
  };
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, unpackRest));
}

async function unpackByDpkg(path: string, to: string): Promise<void> {
  using archive = await Deno.open(to, { write: true, createNew: true });
  await run("dpkg-deb", ["--fsys-tarfile", path], {
    purpose: `unpack ${path}`,
    timeLimit_s: unpackLimit_s,
    onOutput: (bytes) => {
      for (let done = 0; done < bytes.length;) done += archive.writeSync(bytes.subarray(done));
    },
  });
}

async function membersOf(file: Deno.FsFile, path: string): Promise<Member[]> {
  const size = (await file.stat()).size;
  if (await textAt(file, 0, magic.length) !== magic) throw notOne(path);
  const members: Member[] = [];
  for (let at = magic.length; at + headerBytes <= size;) {
    const header = await textAt(file, at, headerBytes);
    const bytes = Number(header.slice(48, 58).trim());
    if (!header.endsWith("`\n") || !Number.isSafeInteger(bytes)) throw notOne(path);
    at += headerBytes;
    members.push({ name: header.slice(0, 16).trim().replace(/\/$/, ""), at, size: bytes });
    at += bytes + bytes % 2;
  }
  return members;
}

async function textAt(file: Deno.FsFile, at: number, bytes: number): Promise<string> {
  await file.seek(at, Deno.SeekMode.Start);
  const buffer = new Uint8Array(bytes);
  const count = await file.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, count));
}

async function copyPart(file: Deno.FsFile, { at, size }: Member, to: string): Promise<void> {
  await file.seek(at, Deno.SeekMode.Start);
  using target = await Deno.open(to, { write: true, createNew: true });
  const buffer = new Uint8Array(1 << 20);
  for (let left = size; left > 0;) {
    const count = await file.read(buffer.subarray(0, Math.min(left, buffer.length)));
    if (count === null) break;
    for (let done = 0; done < count;) done += await target.write(buffer.subarray(done, count));
    left -= count;
  }
}

function notOne(path: string): LabError {
  return new LabError(
    `Cannot unpack ${path}: it is no Debian package that the lab can read`,
    "Delete it; it is fetched anew",
  );
}
