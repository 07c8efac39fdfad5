// SPDX-License-Identifier: Apache-2.0
/** Whether anything of the person or the machine that makes a pack got into it. */
import { Buffer } from "node:buffer";
import { join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { filesBelow } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";

const root = join(import.meta.dirname!, "..");

/** Folders of the system's own accounts: they say nothing, and stand in many programs. */
const nobodysHome = ["/", "/root", "/nonexistent"];

/** What must not be in a pack: where the lab, its cache and the person's files lie. */
function privateTexts(): string[] {
  const home = Deno.env.get("HOME") ?? "";
  return [root, cacheRoot(), ...(home.length > 1 && !nobodysHome.includes(home) ? [home] : [])];
}

/**
 * @throws {LabError} naming the first file below the folder that holds one of the texts.
 */
export async function requireNothingPrivate(
  folder: string,
  texts: readonly string[] = privateTexts(),
): Promise<void> {
  for (const name of await filesBelow(folder)) {
    const content = Buffer.from(await Deno.readFile(join(folder, name)));
    const found = texts.find((text) => content.includes(text));
    if (found === undefined) continue;
    throw new LabError(
      `Cannot pack: ${name} names a folder of this machine, "${found}"`,
      "Take it out, or make the run again from another folder",
    );
  }
}
