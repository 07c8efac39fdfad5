// SPDX-License-Identifier: Apache-2.0
/** For tests: a lab that has settled elsewhere, with a cache of its own. */
import { cacheRoot } from "../store/cache.ts";
import { run } from "../base/process.ts";
import { root } from "./lab.ts";

/** Deno and the libraries: what `lab` fetches before it can do anything. */
export const startParts = ["tools", "deno", "native"] as const;

/** What is built and fetched; not what others are at work on, nor trials that are known. */
export const builtParts = [
  ...["debian", "sysroot", "program"],
  ...["kernel", "emulator", "disk", "guest-image", "image"],
] as const;

/**
 * Puts a checkout and a cache with parts of this one's into a folder, as "checkout" and "cache", besides an
 * empty "home".
 *
 * @param owner of all of it, where this process may give it away.
 */
export async function settleIn(
  dir: string,
  parts: readonly string[],
  owner: number,
): Promise<void> {
  /* The cache's files are shared where that is possible; nobody writes into an entry. */
  const script = `
    mkdir checkout cache home
    tar -C ${root} -c --exclude=./.git --exclude=./reports . | tar -x -C checkout
    mkdir -p checkout/reports cache/samepage-lab
    for part in ${parts.join(" ")}; do
      from=${cacheRoot()}/$part
      [ -e "$from" ] || continue
      cp -al $from cache/samepage-lab/ 2>/dev/null || {
        rm -rf cache/samepage-lab/$part
        cp -a $from cache/samepage-lab/
      }
    done
    rm -f cache/samepage-lab/deno/*_cache_*
    chmod 755 .
    if [ "$(id -u)" = 0 ]; then
      find . -type d -exec chown ${owner}:${owner} {} +
    fi
  `;
  await run("sh", ["-ec", script], { cwd: dir, purpose: "copy the lab", timeLimit_s: 300 });
}
