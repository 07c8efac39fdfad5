/** A trial's records on disk: the lines as they came, closed by one with their count and digest. */
import { sha256 } from "../base/digest.ts";
import { writeAtomically } from "../base/files.ts";

export interface ClosedRecords {
  /** Digest of all records before the closing line. */
  digest: string;
  count: number;
}

/** Writes the file of a finished trial. Without the closing line a file is an unfinished trial's. */
export async function writeRecords(
  path: string,
  records: Uint8Array,
  closed: boolean,
): Promise<ClosedRecords> {
  const digest = sha256(records);
  const count = records.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 0);
  const closing = closed ? closingLine(records, count, digest) : "";
  const end = new TextEncoder().encode(closing);
  const bytes = new Uint8Array(records.length + end.length);
  bytes.set(records);
  bytes.set(end, records.length);
  await writeAtomically(path, bytes);
  return { digest, count };
}

function closingLine(records: Uint8Array, count: number, digest: string): string {
  const text = new TextDecoder().decode(records);
  const last = text.slice(text.lastIndexOf("\n", text.length - 2) + 1);
  const { t_ns = 0, phase = "end" } = last === "" ? {} : JSON.parse(last);
  return JSON.stringify({ t_ns, phase, kind: "end", records: count, sha256: digest }) + "\n";
}

/**
 * The records of a finished trial, without the closing line.
 *
 * @returns nothing when the file is missing, unfinished, or not what its closing line says.
 */
export async function readClosedRecords(path: string): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const cut = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
  const records = bytes.subarray(0, cut);
  try {
    const closing = JSON.parse(new TextDecoder().decode(bytes.subarray(cut)));
    return closing.kind === "end" && closing.sha256 === sha256(records) ? records : undefined;
  } catch {
    return undefined;
  }
}
