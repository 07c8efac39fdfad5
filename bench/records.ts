/** A trial's records on disk: the lines as they came, closed by one with their count and digest. */
import { sha256 } from "../support/digest.ts";
import { writeAtomically } from "../support/files.ts";

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
