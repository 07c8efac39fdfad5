// SPDX-License-Identifier: Apache-2.0
/** A file of whatever form, from its bytes to what it says. */
import { LabError } from "../base/errors.ts";
import { forms } from "./forms.ts";
import { type Given, type Piece, Unreadable } from "./piece.ts";

/** A file that was read. */
export interface Source extends Piece {
  /** Name of the file, without its folder. */
  name: string;
}

/** A dump or a log of this size is none; a perf.data of gigabytes must not fill the memory. */
export const mostBytes = 64 * 1024 * 1024;

/** What begins like this is no text, and what to do with it instead. */
const binary: readonly { magic: string; what: string; next: string }[] = [
  {
    magic: "PERFILE2",
    what: "a perf.data, which only the perf that wrote it can read",
    next: "perf kvm stat report -i FILE > TEXT, or perf script -i FILE > TEXT, and import that",
  },
  { magic: "\x1f\x8b", what: "compressed with gzip", next: "gunzip it first" },
  { magic: "\x28\xb5\x2f\xfd", what: "compressed with zstd", next: "Decompress it first: zstd -d" },
  { magic: "\xfd7zXZ", what: "compressed with xz", next: "Decompress it first: xz -d" },
  { magic: "PK\x03\x04", what: "a ZIP archive", next: "Unpack it first" },
  {
    magic: "\x17\x08\x44tracing",
    what: "a trace.dat of trace-cmd",
    next: "trace-cmd report -i FILE > TEXT, and import that",
  },
];

/** What looks like something else that people have at hand, and what to do with it. */
const strangers: readonly { looks: RegExp; what: string; next: string }[] = [
  {
    looks: /^\s*(ksm_rmap_items|ksm_merging_pages|ksm_process_profit)\s+-?\d+$/m,
    what: "it is a ksm_stat of one process, not the host's counters",
    next: "grep . /sys/kernel/mm/ksm/* > FILE",
  },
  {
    looks: /^(MemTotal|MemFree):\s+\d+ kB$/m,
    what: "it is a /proc/meminfo, in which KSM has no line",
    next: "grep . /sys/kernel/mm/ksm/* > FILE",
  },
  {
    looks: /^\s*Performance counter stats for /m,
    what: "it is output of perf stat, which does not tell exits apart by reason",
    next: "perf kvm stat record -a sleep 10; perf kvm stat report > FILE",
  },
  {
    looks: /^# hist data$|^# event histogram$/m,
    what: "it is a histogram of tracefs",
    next: "./lab observe HOST does that itself",
  },
];

const known = forms.map(({ title }) => title.replace(/^(a|an|output of) /, "")).join(", ");

/**
 * Reads a file.
 *
 * @param name of the file, for messages
 * @throws {LabError} If it is of no form that is known, or not what it seems: why, and what to do.
 */
export function readSource(name: string, bytes: Uint8Array, given: Given): Source {
  const fails = (reason: string, next: string) =>
    new LabError(`Cannot import ${name}: ${reason}`, next);
  const head = Array.from(bytes.subarray(0, 16), (byte) => String.fromCharCode(byte)).join("");
  const other = binary.find(({ magic }) => head.startsWith(magic));
  if (other !== undefined) throw fails(`it is ${other.what}`, other.next);
  const text = textOf(bytes);
  if (text === undefined) {
    throw fails("it is not text", `Known are texts: ${known}`);
  }
  if (text.trim() === "") throw fails("it is empty", "Write it anew: the command may have failed");
  const lines = text.split(/\r\n|\n|\r/).map(withoutEscapes);
  const form = forms.find((one) => one.recognizes(lines));
  if (form === undefined) {
    const stranger = strangers.find(({ looks }) => looks.test(text));
    if (stranger !== undefined) throw fails(stranger.what, stranger.next);
    throw fails("it is nothing that the lab knows", `Known are ${known}`);
  }
  try {
    return { name, ...form.read(lines, given) };
  } catch (error) {
    if (error instanceof Unreadable) throw fails(error.message, error.next);
    throw error;
  }
}

/** UTF-8, or UTF-16 with its mark, as PowerShell writes it; nothing where it is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
    ? "utf-16be"
    : "utf-8";
  const text = new TextDecoder(encoding).decode(bytes);
  return text.includes("\0") ? undefined : text;
}

/** Colours and the like, as a terminal's log has them. */
function withoutEscapes(line: string): string {
  // deno-lint-ignore no-control-regex
  return line.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/\s+$/, "");
}
