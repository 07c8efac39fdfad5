// SPDX-License-Identifier: Apache-2.0
/**
 * Writes archives for the kernel's initramfs: the "newc" format of
 * Documentation/driver-api/early-userspace/buffer-format.rst. Same entries, same bytes: no times,
 * owners or inode numbers of this machine get in.
 */

/** One file or folder of an archive. Folders have no `data`. */
export interface Entry {
  /** Path in the archive, without a leading slash. */
  path: string;
  data?: Uint8Array;
  /** File data that may be run. */
  executable?: boolean;
}

const folderMode = 0o040755;
const fileMode = 0o100644;
const programMode = 0o100755;

const magic = "070701";
/** The magic and thirteen fields of eight digits. */
const headerBytes = 110;
const trailer = "TRAILER!!!";

/** Archives may be concatenated when each begins on a multiple of this. */
const alignment = 512;

/**
 * The archive of the entries, in the order given, with the folders above each added as needed.
 *
 * @returns a whole number of 512-byte blocks, so that archives can be concatenated.
 * @throws {RangeError} for a path that is empty, absolute, or leaves the archive.
 */
export function cpio(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const folders = new Set<string>();
  let inode = 1;
  for (const entry of entries) {
    requireInside(entry.path);
    for (const folder of foldersAbove(entry.path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      parts.push(...member(folder, folderMode, inode++, new Uint8Array()));
    }
    if (entry.data === undefined) {
      if (folders.has(entry.path)) continue;
      folders.add(entry.path);
      parts.push(...member(entry.path, folderMode, inode++, new Uint8Array()));
    } else {
      const mode = entry.executable ? programMode : fileMode;
      parts.push(...member(entry.path, mode, inode++, entry.data));
    }
  }
  parts.push(...member(trailer, 0, 0, new Uint8Array()));
  return joined(parts, alignment);
}

/**
 * The entries of such an archive, in order.
 *
 * @throws {RangeError} for what is no archive of this format.
 */
export function readCpio(archive: Uint8Array): Entry[] {
  const entries: Entry[] = [];
  const text = (at: number, bytes: number) =>
    new TextDecoder("latin1").decode(archive.subarray(at, at + bytes));
  const aligned = (at: number) => Math.ceil(at / 4) * 4;
  for (let at = 0;;) {
    if (text(at, magic.length) !== magic) throw new RangeError(`No archive at byte ${at}`);
    const field = (number: number) => parseInt(text(at + magic.length + number * 8, 8), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const path = text(at + headerBytes, nameSize - 1);
    if (path === trailer) return entries;
    const begin = aligned(at + headerBytes + nameSize);
    at = aligned(begin + size);
    entries.push(
      mode === folderMode
        ? { path }
        : { path, data: archive.slice(begin, begin + size), executable: mode === programMode },
    );
  }
}

function requireInside(path: string): void {
  const steps = path.split("/");
  if (path === "" || steps.some((step) => step === "" || step === "." || step === "..")) {
    throw new RangeError(`Cannot archive "${path}": not a path inside the archive`);
  }
}

function foldersAbove(path: string): string[] {
  const steps = path.split("/").slice(0, -1);
  return steps.map((_, depth) => steps.slice(0, depth + 1).join("/"));
}

function member(path: string, mode: number, inode: number, data: Uint8Array): Uint8Array[] {
  const name = new TextEncoder().encode(`${path}\0`);
  const links = mode === folderMode ? 2 : 1;
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = magic + fields.map((value) => value.toString(16).padStart(8, "0")).join("");
  return [
    joined([new TextEncoder().encode(header), name], 4),
    joined([data], 4),
  ];
}

function joined(parts: readonly Uint8Array[], multiple: number): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(Math.ceil(length / multiple) * multiple);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
