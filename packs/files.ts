// SPDX-License-Identifier: Apache-2.0
/** Files on their way into a pack. */
import { dirname } from "@std/path";

/** Copies a file, with the folders above it and whether it may be run. */
export async function copyInto(source: string, target: string): Promise<void> {
  await Deno.mkdir(dirname(target), { recursive: true });
  await Deno.copyFile(source, target);
}

/** Writes a text file, with the folders above it. */
export async function writeInto(target: string, text: string, program = false): Promise<void> {
  await Deno.mkdir(dirname(target), { recursive: true });
  await Deno.writeTextFile(target, text);
  if (program) await Deno.chmod(target, 0o755);
}
