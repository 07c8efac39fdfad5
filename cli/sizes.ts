// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";

/** Bytes of all files in a folder and below it, or of a file; what goes meanwhile counts as nothing. */
export async function folderSize_bytes(path: string): Promise<number> {
  try {
    const info = await Deno.lstat(path);
    if (!info.isDirectory) return info.size;
    let sum = 0;
    for await (const { name } of Deno.readDir(path)) {
      sum += await folderSize_bytes(join(path, name));
    }
    return sum;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** "3.1 MiB". */
export function inMiB(bytes: number): string {
  const mib = bytes / 2 ** 20;
  return `${mib >= 100 ? Math.round(mib) : mib.toFixed(1)} MiB`;
}
