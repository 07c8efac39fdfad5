// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { withNobodyAtWork } from "../store/at_work.ts";
import { cacheRoot } from "../store/cache.ts";
import { exists, removeIfThere } from "../base/files.ts";
import { folderSize_bytes, inMiB } from "./sizes.ts";

export interface CleanRequest {
  /** Sources and packages, too. */
  downloads: boolean;
  /** Say what would go, and leave it. */
  dryRun: boolean;
}

/** The lab's own Deno and libraries are what is running; a lock may be held. */
const kept = ["tools", "deno", "locks"];

/** Fetched from the mirror. */
const downloaded = ["debian", "apt"];

/** `lab clean`: frees the space of builds and stored trials, with `--downloads` that of sources and packages
 * too. Refuses while another lab process is at work. */
export async function clean({ downloads, dryRun }: CleanRequest): Promise<number> {
  const spared = downloads ? kept : [...kept, ...downloaded];
  if (!await exists(cacheRoot())) return 0;
  const names: string[] = [];
  for await (const { name } of Deno.readDir(cacheRoot())) {
    if (!spared.includes(name)) names.push(name);
  }
  if (dryRun) return await say(names.sort());
  return await withNobodyAtWork("clean the cache", async () => {
    for (const name of names) {
      const path = join(cacheRoot(), name);
      await removeIfThere(path);
      console.log(`removed ${path}`);
    }
    return 0;
  });
}

async function say(names: readonly string[]): Promise<number> {
  let all_bytes = 0;
  for (const name of names) {
    const path = join(cacheRoot(), name);
    const size_bytes = await folderSize_bytes(path);
    all_bytes += size_bytes;
    console.log(`would remove ${path}, ${inMiB(size_bytes)}`);
  }
  console.log(`${inMiB(all_bytes)} in all`);
  return 0;
}
