// SPDX-License-Identifier: Apache-2.0
import { join, relative } from "@std/path";
import {
  checkItems,
  isThere,
  lockPaths,
  readLock,
  releaseOf,
  stateInWords,
  updateLock,
} from "../debian/locks.ts";

const root = join(import.meta.dirname!, "..");

export interface LockRequest {
  action: "check" | "update";
  json: boolean;
}

/**
 * `lab lock check`: whether the exact versions of all locked sources and packages can still be had;
 * `lab lock update`: moves the locks to the newest versions of their lines.
 *
 * @returns 0, or 1 when a locked version is gone from mirror, archive and cache.
 */
export async function lock({ action, json }: LockRequest): Promise<number> {
  return await (action === "check" ? check : update)(json);
}

async function check(json: boolean): Promise<number> {
  const locks = await Promise.all((await lockPaths(root)).map(readLock));
  const rows = [];
  /* An index knows one release, and all that is asked of it is asked at once. */
  for (const some of Map.groupBy(locks, (lock) => releaseOf(lock).release).values()) {
    const states = await checkItems(some.flatMap(({ items }) => items), releaseOf(some[0]!));
    const paths = some.flatMap(({ path, items }) => items.map(() => relative(root, path)));
    rows.push(...paths.map((lock, at) => ({ lock, ...states[at]! })));
  }
  const gone = rows.filter((state) => !isThere(state)).length;
  if (json) console.log(JSON.stringify({ gone, items: rows }));
  else {
    for (const [path, items] of Map.groupBy(rows, (row) => row.lock)) {
      console.log(`${path}\n${items.map((state) => `  ${stateInWords(state)}`).join("\n")}`);
    }
    console.log(`${rows.length} locked, ${gone} gone`);
  }
  return gone === 0 ? 0 : 1;
}

async function update(json: boolean): Promise<number> {
  const moves = [];
  for (const path of await lockPaths(root)) {
    for (const move of await updateLock(await readLock(path))) {
      moves.push({ ...move, path: relative(root, path) });
    }
  }
  if (json) console.log(JSON.stringify({ moves }));
  else {
    for (const { path, name, from, to } of moves) {
      console.log(`${path}: ${name} ${from ?? "(none)"} -> ${to ?? "(none)"}`);
    }
    console.log(moves.length === 0 ? "All locks are up to date" : `${moves.length} moved`);
  }
  return 0;
}
