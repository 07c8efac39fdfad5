// SPDX-License-Identifier: Apache-2.0
/** What the files of the tree import and include, and circles of that. */
import { dirname, fromFileUrl, join, relative, toFileUrl } from "@std/path";
import { run } from "../../base/process.ts";
import { filesWith, root, textOf } from "./tree.ts";

/** Paths of files -> those that they import. */
export type Graph = ReadonlyMap<string, readonly string[]>;

interface Info {
  modules: {
    specifier: string;
    dependencies?: { code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

const limit_s = 60;

/**
 * Imports among the tree's own files, types and dynamic imports of constant names too, as Deno itself
 * resolves them.
 *
 * @throws {LabError} when a file cannot be parsed.
 */
export async function importsOfTree(): Promise<Graph> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const urls = filesWith(".ts").map((path) => toFileUrl(join(root, path)).href);
    await Deno.writeTextFile(entry, urls.map((url) => `import "${url}";\n`).join(""));
    const args = ["--json", "--quiet", "--no-npm", "--config", join(root, "deno.json"), entry];
    const { stdout } = await run(Deno.execPath(), ["info", ...args], {
      cwd: root,
      env: denoEnvironment(),
      purpose: "list all imports",
      timeLimit_s: limit_s,
    });
    return graphOf(JSON.parse(stdout) as Info);
  } finally {
    await Deno.remove(entry);
  }
}

/** Nobody listens there: what is not on this machine is missing, rather than fetched. */
const nobody = "http://127.0.0.1:9";

/** For a Deno that works with the libraries that are here. */
export function denoEnvironment(): Record<string, string> {
  const cache = Deno.env.get("DENO_DIR");
  return {
    NO_COLOR: "1",
    https_proxy: nobody,
    HTTPS_PROXY: nobody,
    ...(cache === undefined ? {} : { DENO_DIR: cache }),
  };
}

function graphOf({ modules }: Info): Graph {
  const graph = new Map<string, string[]>();
  for (const { specifier, dependencies = [] } of modules) {
    const path = pathOf(specifier);
    if (path === undefined) continue;
    const targets = dependencies.flatMap(({ code, type }) => [code?.specifier, type?.specifier])
      .map(pathOf).filter((target) => target !== undefined);
    graph.set(path, [...new Set(targets)].sort());
  }
  return graph;
}

function pathOf(specifier: string | undefined): string | undefined {
  if (specifier?.startsWith("file:") !== true) return undefined;
  const path = relative(root, fromFileUrl(specifier));
  return path.startsWith("..") ? undefined : path;
}

/** Includes of the tree's own headers: of the one beside the file, or of all that could be meant. */
export async function includesOfTree(): Promise<Graph> {
  const sources = filesWith(".c", ".h");
  const graph = new Map<string, string[]>();
  for (const path of sources) {
    const names = [...(await textOf(path)).matchAll(/^#include "([^"]+)"/gm)].map(([, name]) =>
      name!
    );
    graph.set(path, names.flatMap((name) => headersOf(path, name, sources)));
  }
  return graph;
}

function headersOf(from: string, name: string, sources: readonly string[]): string[] {
  const beside = join(dirname(from), name);
  if (sources.includes(beside)) return [beside];
  const found = sources.filter((path) => path.endsWith(`/${name}`));
  if (found.length === 0) throw new Error(`${from} includes "${name}", which is not in the tree`);
  return found;
}

/** Circles that together have each file that can reach itself; in them each file imports the next. */
export function circlesIn(graph: Graph): string[][] {
  const circles: string[][] = [];
  const seen = new Set<string>();
  for (const start of [...graph.keys()].sort()) {
    if (seen.has(start)) continue;
    const circle = wayBack(start, graph);
    if (circle === undefined) continue;
    for (const file of circle) seen.add(file);
    circles.push([...circle, start]);
  }
  return circles;
}

/** The shortest way from a file back to itself. */
function wayBack(start: string, graph: Graph): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) {
        const way = [file];
        while (way[0] !== start) way.unshift(cameFrom.get(way[0]!)!);
        return way;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}
