// SPDX-License-Identifier: Apache-2.0
/**
 * Reading of files that somebody else may have put there: what is no plain file is refused before it is
 * opened. A FIFO would keep the lab waiting for ever, a device would never end.
 */
import { LabError } from "./errors.ts";

/** Something else is in a file's place. */
export class NotAFile extends LabError {}

/**
 * @throws {NotAFile} naming what is there; Deno's error where nothing is.
 */
export async function requireFile(path: string): Promise<void> {
  const info = await Deno.stat(path);
  if (info.isFile) return;
  const kind = info.isDirectory
    ? "a folder"
    : info.isFifo
    ? "a FIFO"
    : info.isSocket
    ? "a socket"
    : "a device";
  throw new NotAFile(`Cannot read ${path}: it is ${kind}, not a file`, "Move it away");
}

/** The text of a file. @throws {NotAFile} as {@linkcode requireFile}. */
export async function readText(path: string): Promise<string> {
  await requireFile(path);
  return await Deno.readTextFile(path);
}

/** The bytes of a file. @throws {NotAFile} as {@linkcode requireFile}. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  await requireFile(path);
  return await Deno.readFile(path);
}
