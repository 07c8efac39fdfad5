// SPDX-License-Identifier: Apache-2.0
/** What names this machine or a person on it: it must not get into what is handed on. */
import { join } from "@std/path";
import { cacheRoot } from "./cache.ts";

const checkout = join(import.meta.dirname!, "..");

/** Folders of the system's own accounts: they say nothing, and stand in many programs. */
const nobodysHome = ["/", "/root", "/nonexistent"];

/** Where the lab, its cache and the person's files lie, each with a word for it. */
function places(): [path: string, word: string][] {
  const home = Deno.env.get("HOME") ?? "";
  const all: [string, string][] = [[cacheRoot(), "CACHE"], [checkout, "LAB"]];
  if (home.length > 1 && !nobodysHome.includes(home)) all.push([home, "HOME"]);
  return all;
}

/** The paths of these places. */
export function privatePaths(): string[] {
  return places().map(([path]) => path);
}

/** The text with a word in place of each such path: "CACHE/tmp/x" for the longest one that fits. */
export function withoutPlaces(text: string): string {
  const longestFirst = places().sort(([a], [b]) => b.length - a.length);
  return longestFirst.reduce((rest, [path, word]) => rest.replaceAll(path, word), text);
}
