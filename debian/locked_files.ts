// SPDX-License-Identifier: Apache-2.0
/** Whether files are those of the lock, and what to do when a download gives others. */
import { join } from "@std/path";
import { sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import type { Report } from "../base/report.ts";

/** One file as the lock has it. */
export interface LockedFile {
  name: string;
  size: number;
  sha256: string;
}

/**
 * What keeps the files in a folder from being those of the lock, or nothing. Files that are there
 * but differ are reported by name.
 */
export async function damageIn(
  dir: string,
  files: readonly LockedFile[],
  report: Report,
): Promise<string | undefined> {
  for (const file of files) {
    const path = join(dir, file.name);
    if (!await exists(path)) return `${file.name} is missing`;
    const { size } = await Deno.stat(path);
    const damage = size !== file.size
      ? `has ${size} bytes, the lock says ${file.size}`
      : await sha256OfFile(path) !== file.sha256
      ? "has another sha256 than the lock says"
      : undefined;
    if (damage === undefined) continue;
    report(`${path} ${damage}: downloading it again`, "warning");
    return `${file.name} ${damage}`;
  }
  return undefined;
}

/** The files of a folder as a lock would have them. */
export async function listFiles(dir: string): Promise<LockedFile[]> {
  const files: LockedFile[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const path = join(dir, name);
    files.push({ name, size: (await Deno.stat(path)).size, sha256: await sha256OfFile(path) });
  }
  return files.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** One more try, since a damaged download is more often an accident than a changed mirror. */
export async function twice(attempt: (last: boolean) => Promise<boolean>): Promise<void> {
  if (!await attempt(false)) await attempt(true);
}

/** Names the damage of a download: a warning the first time, an error the last. */
export function complain(name: string, damage: string, last: boolean, report: Report): false {
  if (last) {
    throw new LabError(
      `Cannot fetch ${name}: ${damage}`,
      "The mirror gives other content than the lock was made from; try another mirror",
    );
  }
  report(`Downloaded ${name}, but ${damage}: trying once more`, "warning");
  return false;
}
