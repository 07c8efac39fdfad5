// SPDX-License-Identifier: Apache-2.0
/** Series of patches: files `NNNN-what-it-does.patch` in a folder, applied in that order. */
import { join } from "@std/path";
import { runInRoom } from "./room.ts";
import type { Report } from "../base/report.ts";

const patchLimit_s = 120;

/** The patches of a folder, in the order of their names. */
export async function patchesIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) if (name.endsWith(".patch")) names.push(name);
  return names.sort().map((name) => join(dir, name));
}

/**
 * Applies patches to a tree.
 *
 * @param drift the tree is not the version that the patches were made for: they may then apply
 * with fuzz, and say so.
 * @throws {LabError} naming the patch that does not apply.
 */
export async function applyPatches(
  tree: string,
  patches: readonly string[],
  drift: boolean,
  report: Report,
): Promise<void> {
  for (const patch of patches) {
    const name = patch.slice(patch.lastIndexOf("/") + 1);
    const fuzz = drift ? [] : ["-F0"];
    const { stdout } = await runInRoom(
      "patch",
      ["-p1", "-N", "--no-backup-if-mismatch", ...fuzz, "-i", `/in/${name}`],
      { read: { [`/in/${name}`]: patch }, write: { "/build": tree } },
      {
        report,
        cwd: "/build",
        purpose: `apply ${name}`,
        timeLimit_s: patchLimit_s,
        next: "The patches are made for the locked version; rebase them onto this one",
      },
    );
    if (/fuzz/.test(stdout)) {
      report(`${name} applied with fuzz: check that it still does what it should`, "warning");
    }
  }
}

/** The files that patches change, as paths below the tree, each once. */
export async function pathsIn(patches: readonly string[]): Promise<string[]> {
  const paths = new Set<string>();
  for (const patch of patches) {
    for (
      const [, path] of (await Deno.readTextFile(patch)).matchAll(/^(?:---|\+\+\+) [ab]\/(\S+)/gm)
    ) {
      paths.add(path!);
    }
  }
  return [...paths].sort();
}
