// SPDX-License-Identifier: Apache-2.0
/** File helpers that more than one room needs: whole-file writes, locks, free space. */
import { statfs } from "node:fs/promises";
import { dirname } from "@std/path";
import { LabError } from "./errors.ts";

/**
 * Writes a file so that others see the old content or the new one, never a part: a neighbour is
 * written and renamed over it.
 */
export async function writeAtomically(path: string, data: string | Uint8Array): Promise<void> {
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
  await Deno.mkdir(dirname(path), { recursive: true });
  const file = await Deno.open(path, { create: true, write: true });
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

/** Space that an ordinary user can still fill on the file system that holds `path`. */
export async function freeSpace_mib(path: string): Promise<number> {
  const stats = await statfs(path);
  return Math.floor(stats.bavail * stats.bsize / 2 ** 20);
}

/**
 * Refuses work that the disk has no room for, before it starts.
 *
 * @throws {LabError} "Cannot build X: N MiB free in PATH, M MiB needed".
 */
export async function requireSpace(
  path: string,
  needed_mib: number,
  purpose: string,
): Promise<void> {
  const free_mib = await freeSpace_mib(path);
  if (free_mib >= needed_mib) return;
  throw new LabError(
    `Cannot ${purpose}: ${free_mib} MiB free in ${path}, ${Math.ceil(needed_mib)} MiB needed`,
    "Free some space, or point XDG_CACHE_HOME to a larger disk",
  );
}
