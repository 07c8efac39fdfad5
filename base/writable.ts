// SPDX-License-Identifier: Apache-2.0
import { LabError } from "./errors.ts";
import { reasonOf } from "./machine_error.ts";

/**
 * Makes sure, before long work, that its result will have a place: makes the folder, and a file in it
 * that is removed again.
 *
 * @throws {LabError} "Cannot PURPOSE: nothing can be written to FOLDER".
 */
export async function requireWritable(folder: string, purpose: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: ".writable-" }));
  } catch (error) {
    throw new LabError(
      `Cannot ${purpose}: nothing can be written to ${folder}: ${reasonOf(error as Error)}`,
      "See who owns it, and whether its disk is mounted to be read alone",
    );
  }
}
