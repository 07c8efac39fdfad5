import { join } from "@std/path";
import { parseVerb } from "./arguments.ts";
import { withNobodyAtWork } from "../store/at_work.ts";
import { cacheRoot } from "../store/cache.ts";
import { exists, removeIfThere } from "../base/files.ts";

const usage = "Usage: ./lab clean [--downloads]";

/** The lab's own Deno and libraries are what is running; a lock may be held. */
const kept = ["tools", "deno", "locks"];

/** Fetched from the mirror. */
const downloaded = ["debian", "apt"];

/** `lab clean`: frees the space of builds and stored trials, with `--downloads` that of sources and packages
 * too. Refuses while another lab process is at work. */
export async function clean(args: readonly string[]): Promise<number> {
  const { downloads } = parseVerb(args, { boolean: ["downloads"] }, usage);
  const spared = downloads === true ? kept : [...kept, ...downloaded];
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
