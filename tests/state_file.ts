// SPDX-License-Identifier: Apache-2.0
/** Reads what the emulator saves at a fork, to hold two states against each other. */
import { sha256 } from "../base/digest.ts";

/** A machine's state: what is in its memory, and all else. */
export interface MachineState {
  /** Digests of pages by block of memory and address; "" for a page of zeros. */
  pages: Map<string, string>;
  /** Digest of CPUs, clocks and devices. */
  devices: string;
}

/* Of QEMU 7.2's migration stream: migration/savevm.c and migration/ram.c. */
const section = { start: 1, part: 2, end: 3, footer: 0x7e };
const page = { zero: 0x02, sizes: 0x04, whole: 0x08, endOfSection: 0x10, sameBlock: 0x20 };
const pageBytes = 4096;
const ram = new TextEncoder().encode("\x03ram");

/**
 * Reads a state. Its memory is cut into sections by wall time, so that the files of equal states differ.
 *
 * @throws {Error} when it is not such a file.
 */
export async function readState(path: string): Promise<MachineState> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  const pages = new Map<string, string>();
  let at = startOfMemory(bytes);
  const text = () => {
    const length = bytes[at++]!;
    return new TextDecoder().decode(bytes.subarray(at, at += length));
  };
  const address = () => Number(view.getBigUint64((at += 8) - 8));

  /** Sizes of all blocks, which add up to what the record says. */
  const skipSizes = (total: number) => {
    for (let left = total; left > 0;) {
      text();
      left -= address();
    }
  };

  let block = "";
  const readPages = () => {
    for (;;) {
      const word = address();
      const flags = word % pageBytes;
      if ((flags & page.sizes) !== 0) {
        skipSizes(word - flags);
        continue;
      }
      if ((flags & page.endOfSection) !== 0) return;
      if ((flags & page.sameBlock) === 0) block = text();
      const key = `${block} ${word - flags}`;
      if ((flags & page.zero) !== 0) {
        at++;
        pages.set(key, "");
      } else if ((flags & page.whole) !== 0) {
        pages.set(key, sha256(bytes.subarray(at, at += pageBytes)));
      } else {
        throw new Error(`${path}: a page with flags ${flags} at ${at}`);
      }
    }
  };

  /* The memory's sections, until the first of the devices. */
  while ([section.start, section.part, section.end].includes(bytes[at]!)) {
    const type = bytes[at]!;
    at += 5;
    if (type === section.start) {
      if (text() !== "ram") throw new Error(`${path}: a section of something else at ${at}`);
      at += 8;
    }
    readPages();
    if (bytes[at] === section.footer) at += 5;
  }
  return { pages, devices: sha256(bytes.subarray(at)) };
}

/** Where the section begins that names the memory: its type and number come before the name. */
function startOfMemory(bytes: Uint8Array): number {
  const at = bytes.findIndex((_, from) =>
    ram.every((byte, offset) => bytes[from + offset] === byte)
  );
  if (at < 5) throw new Error("no memory in this state");
  return at - 5;
}
