// SPDX-License-Identifier: Apache-2.0
/** File helpers that more than one room needs: whole-file writes, locks, free space. */
import { dirname } from "@std/path";
import { NoRoom } from "./errors.ts";
import { freeSpace_mib, writing } from "./full_disk.ts";
import { requireFile } from "./regular_file.ts";

export { freeSpace_mib };

/**
 * Writes a file so that others see the old content or the new one, never a part: a neighbour is
 * written and renamed over it.
 *
 * @throws {NoRoom} when the disk is full; the old content is still there.
 */
export function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
  return writing(path, () => replace(path, data));
}

async function replace(path: string, data: string | Uint8Array): Promise<void> {
  const draft = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  try {
    const file = await Deno.open(draft, { write: true, createNew: true });
    try {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.syncData();
    } finally {
      file.close();
    }
    await Deno.rename(draft, path);
  } catch (error) {
    await removeIfThere(draft);
    throw error;
  }
}

/** Whether something is at the path; below a file there is nothing. Other errors are thrown. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return false;
    throw error;
  }
}

/** Removes a file or a folder with all in it; nothing there is fine. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Runs `work` while holding an exclusive lock on a file, across processes and within this one.
 * The kernel drops the lock when the holder dies, so a killed lab leaves none behind.
 *
 * @param waiting called once when somebody else holds the lock.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  waiting: () => void = () => {},
): Promise<T> {
  const file = await openLock(path);
  try {
    if (!await file.tryLock(true)) {
      waiting();
      await file.lock(true);
    }
    return await work();
  } finally {
    file.close();
  }
}

/** The file of a lock that is waited for; see hold.ts for those that are not. */
export async function openLock(path: string): Promise<Deno.FsFile> {
  await Deno.mkdir(dirname(path), { recursive: true });
  if (await exists(path)) await requireFile(path);
  return await writing(path, () => Deno.open(path, { create: true, write: true }));
}

/**
 * Refuses work that the disk has no room for, before it starts.
 *
 * @throws {NoRoom} "Cannot build X: N MiB free in PATH, M MiB needed".
 */
export async function requireSpace(
  path: string,
  needed_mib: number,
  purpose: string,
): Promise<void> {
  const free_mib = await freeSpace_mib(path);
  if (free_mib >= needed_mib) return;
  throw new NoRoom(
    `Cannot ${purpose}: ${free_mib} MiB free in ${path}, ${Math.ceil(needed_mib)} MiB needed`,
    "Free some space there; XDG_CACHE_HOME can point the cache to a larger disk",
  );
}
