// SPDX-License-Identifier: Apache-2.0
/** A trial's records on disk: the lines as they came, closed by one with their count and digest. */
import { writeAtomically } from "../base/files.ts";
import { readBytes } from "../base/regular_file.ts";
import { closeRecords, openRecords } from "../contract/closing_line.ts";

/** Writes the file of a finished trial. Without the closing line a file is an unfinished trial's. */
export async function writeRecords(
  path: string,
  records: Uint8Array,
  closed: boolean,
): Promise<{ digest: string; count: number }> {
  const { bytes, digest, count } = closeRecords(records);
  await writeAtomically(path, closed ? bytes : records);
  return { digest, count };
}

/**
 * The records of a finished trial, without the closing line.
 *
 * @returns nothing when the file is missing, unfinished, or not what its closing line says.
 */
export async function readClosedRecords(path: string): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readBytes(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const closed = openRecords(bytes);
  return "wrong" in closed ? undefined : closed.records;
}
