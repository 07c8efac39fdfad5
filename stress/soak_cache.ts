// SPDX-License-Identifier: Apache-2.0
/** A copy of the cache that can be damaged, while the cache itself stays whole. */
import { join } from "@std/path";
import { writeAtomically } from "../base/files.ts";
import { run } from "../base/process.ts";
import { buildSecondsOf, cacheRoot } from "../store/cache.ts";
import type { Damage, DamageWay } from "./soak_rounds.ts";

/** What is not taken along: each copy has its own trials and locks, and fetches no package. */
const left = ["apt", "crashes", "locks", "logs", "tmp", "trial"];

/** Programs that run the lab. They write their own notes here, and nobody damages them. */
const shared = ["deno", "native", "tools"];

/**
 * The longest that an entry may take to build which is damaged, as it is built again. What takes longer
 * is damaged as any other is: one function reads all of them.
 */
const longestBuild_s = 30;

const manifestName = "manifest.json";

/**
 * Makes `<parent>/samepage-lab`, whose parts are other names of the cache's own files. The lab never
 * writes into a part that is there: it builds another beside it, and renames.
 */
export async function copyCache(parent: string): Promise<string> {
  const copy = join(parent, "samepage-lab");
  await Deno.mkdir(copy, { recursive: true });
  for await (const { name } of Deno.readDir(cacheRoot())) {
    if (left.includes(name)) continue;
    const [program, how] = shared.includes(name) ? ["ln", "-s"] : ["cp", "-al"];
    await run(program!, [how!, join(cacheRoot(), name), join(copy, name)], {
      purpose: "copy the cache",
      timeLimit_s: 600,
    });
  }
  return copy;
}

/**
 * Damages something that a run from this copy has used.
 *
 * @returns what, in words; nothing when there is none of the kind yet.
 */
export async function damageCache(
  copy: string,
  { of, way, draw }: Damage,
): Promise<string | undefined> {
  const entries = (await usedEntries(copy)).filter((entry) =>
    entry.startsWith("trial/") === (of === "trial")
  );
  if (entries.length === 0) return undefined;
  const entry = entries[draw % entries.length]!;
  const files = await filesOf(join(copy, entry));
  const file = way === "its manifest garbled" ? manifestName : files[draw % files.length]!;
  await damageFile(join(copy, entry, file), way);
  return `${entry.slice(0, entry.indexOf("/") + 13)}/${file} ${way}`;
}

/** Entries that are there, soon built, and were looked for: locks have their names. */
async function usedEntries(copy: string): Promise<string[]> {
  const used: string[] = [];
  for await (const { name: lock } of Deno.readDir(join(copy, "locks"))) {
    const [, kind, digest] = /^(?!keep-)([a-z-]+)-([0-9a-f]{64})$/.exec(lock) ?? [];
    if (kind === undefined) continue;
    const seconds = await buildSecondsOf(join(copy, kind, digest!));
    if (seconds !== undefined && seconds <= longestBuild_s) used.push(`${kind}/${digest}`);
  }
  return used.sort();
}

async function filesOf(dir: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(dir));
  return entries.filter(({ isFile, name }) => isFile && name !== manifestName)
    .map(({ name }) => name).sort();
}

/** Damages a file under this name alone: other names of it keep the content they have. */
export async function damageFile(path: string, way: DamageWay): Promise<void> {
  if (way === "removed") return await Deno.remove(path);
  const bytes = await Deno.readFile(path);
  /* Renamed over it, it is another file. */
  await writeAtomically(path, damaged(bytes, way));
}

function damaged(bytes: Uint8Array, way: Exclude<DamageWay, "removed">): Uint8Array {
  const middle = Math.floor(bytes.length / 2);
  switch (way) {
    case "cut short":
      return bytes.slice(0, middle);
    case "a bit changed": {
      const changed = bytes.slice();
      changed[middle] = (changed[middle] ?? 0) ^ 1;
      return changed;
    }
    case "its manifest garbled":
      return new TextEncoder().encode("{");
  }
}
