// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { withNobodyAtWork } from "../store/at_work.ts";
import { cacheRoot } from "../store/cache.ts";
import { exists, removeIfThere } from "../base/files.ts";

export interface CleanRequest {
  /** Sources and packages, too. */
  downloads: boolean;
}

/** The lab's own Deno and libraries are what is running; a lock may be held. */
const kept = ["tools", "deno", "locks"];

/** Fetched from the mirror. */
const downloaded = ["debian", "apt"];

/** `lab clean`: frees the space of builds and stored trials, with `--downloads` that of sources and packages
 * too. Refuses while another lab process is at work. */
export async function clean({ downloads }: CleanRequest): Promise<number> {
  const spared = downloads ? kept : [...kept, ...downloaded];
  if (!await exists(cacheRoot())) return 0;
  return await withNobodyAtWork("clean the cache", async () => {
    for await (const { name } of Deno.readDir(cacheRoot())) {
      if (spared.includes(name)) continue;
      const path = join(cacheRoot(), name);
      await removeIfThere(path);
      console.log(`removed ${path}`);
    }
    return 0;
  });
}
