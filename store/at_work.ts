// SPDX-License-Identifier: Apache-2.0
/**
 * Who works in the cache. Verbs that build or measure say so for as long as they live, sweep up
 * what killed ones have left behind, and keep `lab clean` from taking things out of their hands.
 */
import { join } from "@std/path";
import { cacheRoot, scratchLockSuffix, scratchRoot } from "./cache.ts";
import { LabError } from "../base/errors.ts";
import { exists, openLock, removeIfThere } from "../base/files.ts";
import type { Report } from "../base/report.ts";

/** A folder without a lock is a killed lab's if nobody has touched it for so long. */
const forgotten_ms = 24 * 3600 * 1000;

/** The kernel drops the lock when this process ends, whichever way. */
function openOwnLock(): Promise<Deno.FsFile> {
  return openLock(join(cacheRoot(), "locks", "at-work"));
}

/** From now on until its end this process is at work; others may be too. */
export async function beginWork(report: Report): Promise<void> {
  const lock = await openOwnLock();
  if (!await lock.tryLock(false)) {
    report("Waiting for `lab clean` to end");
    await lock.lock(false);
  }
  await removeLeftovers(report);
}

/**
 * Runs `work` while no other lab process is at work.
 *
 * @throws {LabError} when one is.
 */
export async function withNobodyAtWork<T>(purpose: string, work: () => Promise<T>): Promise<T> {
  const lock = await openOwnLock();
  try {
    if (!await lock.tryLock(true)) {
      throw new LabError(
        `Cannot ${purpose}: another lab process is at work in ${cacheRoot()}`,
        "Wait for it to end, or end it",
      );
    }
    return await work();
  } finally {
    lock.close();
  }
}

/** Removes the scratch folders of labs that were killed: those whose lock nobody holds. */
export async function removeLeftovers(report: Report): Promise<void> {
  if (!await exists(scratchRoot())) return;
  for await (const { name } of Deno.readDir(scratchRoot())) {
    if (name.endsWith(scratchLockSuffix)) continue;
    const dir = join(scratchRoot(), name);
    if (await removeIfLeftOver(dir)) report(`Removed ${dir}, left behind by a lab that was killed`);
  }
}

async function removeIfLeftOver(dir: string): Promise<boolean> {
  const path = `${dir}${scratchLockSuffix}`;
  let lock: Deno.FsFile;
  try {
    lock = await Deno.open(path, { write: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (!await isForgotten(dir)) return false;
    await removeIfThere(dir);
    return true;
  }
  try {
    if (!await lock.tryLock(true)) return false;
    await removeIfThere(dir);
    await removeIfThere(path);
    return true;
  } finally {
    lock.close();
  }
}

async function isForgotten(dir: string): Promise<boolean> {
  try {
    const { mtime } = await Deno.stat(dir);
    return Date.now() - (mtime?.getTime() ?? 0) > forgotten_ms;
  } catch {
    return false; // Its owner has removed it just now.
  }
}
