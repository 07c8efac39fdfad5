// SPDX-License-Identifier: Apache-2.0
/** A full disk, named when something is written to it. */
import { statfs } from "node:fs/promises";
import { dirname, resolve } from "@std/path";
import { NoRoom } from "./errors.ts";
import { isFull, reasonOf } from "./machine_error.ts";

/** Space that an ordinary user can still fill on the file system that holds `path`. */
export async function freeSpace_mib(path: string): Promise<number> {
  const stats = await statfs(path);
  return Math.floor(stats.bavail * stats.bsize / 2 ** 20);
}

/**
 * Does something that writes to a path, and says which disk it was if it is full.
 *
 * @throws {NoRoom} "Cannot write PATH: no space is left on the disk (MOUNT POINT, N MiB free)".
 */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NoRoom || !isFull(error)) throw error;
    throw await noRoom(path, reasonOf(error), error);
  }
}

/** The error for a full disk, or a limit that is met. @param reason the end of a sentence */
export async function noRoom(path: string, reason: string, cause?: Error): Promise<NoRoom> {
  const disk = await diskOf(path);
  /* Not every verb may ask. */
  const free = await freeSpace_mib(disk).then((mib) => `, ${mib} MiB free`, () => "");
  return new NoRoom(
    `Cannot write ${path}: ${reason} (${disk}${free})`,
    "Free some space there; what was measured is kept",
    { cause },
  );
}

/** The folder that the file system of a path is mounted on. */
async function diskOf(path: string): Promise<string> {
  let at = resolve(path);
  let device = await deviceOf(at);
  while (at !== "/") {
    const above = dirname(at);
    const its = await deviceOf(above);
    if (device !== undefined && its !== device) return at;
    [at, device] = [above, its];
  }
  return at;
}

/** Nothing where there is no such path, or it must not be looked at. */
async function deviceOf(path: string): Promise<number | undefined> {
  return await Deno.stat(path).then(({ dev }) => dev, () => undefined);
}
