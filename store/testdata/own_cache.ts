// SPDX-License-Identifier: Apache-2.0
/** For tests: a cache of their own, empty and removed afterwards. */
export async function withOwnCache(test: () => Promise<void>): Promise<void> {
  const before = Deno.env.get("XDG_CACHE_HOME");
  const dir = await Deno.makeTempDir();
  Deno.env.set("XDG_CACHE_HOME", dir);
  try {
    await test();
  } finally {
    if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
    else Deno.env.set("XDG_CACHE_HOME", before);
    await Deno.remove(dir, { recursive: true });
  }
}
