// SPDX-License-Identifier: Apache-2.0
/** Whether anything of the person or the machine that makes a pack got into it. */
import { Buffer } from "node:buffer";
import { join } from "@std/path";
import { privatePaths } from "../store/private.ts";
import { filesBelow } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";

/**
 * @throws {LabError} naming the first file below the folder that holds one of the texts.
 */
export async function requireNothingPrivate(
  folder: string,
  texts: readonly string[] = privatePaths(),
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
