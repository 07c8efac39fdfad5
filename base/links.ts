// SPDX-License-Identifier: Apache-2.0
/** Folders that may come from somebody else: what is written into them goes nowhere else. */
import { join } from "@std/path";
import { LabError } from "./errors.ts";

/**
 * Refuses to write into a folder that has a link in it, at any depth: it might lead to somebody's files.
 * The folder itself may be reached through one.
 *
 * @throws {LabError} naming the first link.
 */
export async function refuseLinks(folder: string, purpose: string): Promise<void> {
  for await (const { name, isSymlink, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isSymlink) {
      throw new LabError(
        `Cannot ${purpose}: ${path} is a link, and what is written there would go elsewhere`,
        "Remove the link, or put what it leads to in its place",
      );
    }
    if (isDirectory) await refuseLinks(path, purpose);
  }
}
