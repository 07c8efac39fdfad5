// SPDX-License-Identifier: Apache-2.0
/**
 * The reading end of the shared memory into which the agent writes its records: a page with a
 * header (magic, length, state; see agent/record.c), then the records' bytes.
 */
import { keepRoom } from "../../base/room.ts";

const headerBytes = 4096;
const magic = "SAMEPAGE";
/** What the header says of the agent, by its number. */
export const outputStates = ["running", "done", "failed", "full"] as const;

export type OutputState = "absent" | (typeof outputStates)[number];

export class OutputReader {
  #file: Deno.FsFile;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** What was there when a machine that goes on from a saved state began to be loaded. */
  #loaded: number | undefined;
  readonly #restored: boolean;
  state: OutputState = "absent";

  private constructor(file: Deno.FsFile, restored: boolean) {
    this.#file = file;
    this.#restored = restored;
  }

  /**
   * Creates the file of the shared memory, all zero, with its room on the disk: an emulator that
   * writes into memory which has none dies.
   *
   * @param restored whether what a saved machine had written comes back into it: the header may then be
   * there before what it speaks of
   * @throws {NoRoom} when the disk is full.
   */
  static async create(
    path: string,
    bytes: number,
    restored = false,
  ): Promise<OutputReader> {
    await keepRoom(path, bytes);
    return new OutputReader(await Deno.open(path, { read: true }), restored);
  }

  /**
   * Lines that have become complete since the last call.
   *
   * @param ended whether the machine runs no more
   */
  async readNew(ended = false): Promise<string> {
    const header = new DataView((await this.#readAt(0, 24)).buffer);
    const tag = new TextDecoder().decode(new Uint8Array(header.buffer, 0, 8));
    if (tag !== magic) return "";
    const length = Number(header.getBigUint64(8, true));
    this.state = outputStates[Number(header.getBigUint64(16, true))] ?? "failed";
    if (length <= this.#length) return "";
    if (this.#restored && !ended) {
      /* Once it has grown the machine executes, and so is whole. */
      this.#loaded ??= length;
      if (length === this.#loaded) return "";
    }
    const part = await this.#readAt(headerBytes + this.#length, length - this.#length);
    this.#parts.push(part);
    this.#length = length;
    return new TextDecoder().decode(part);
  }

  /** All records so far. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  close(): void {
    this.#file.close();
  }

  async #readAt(offset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(bytes);
    await this.#file.seek(offset, Deno.SeekMode.Start);
    for (let at = 0; at < bytes;) {
      const count = await this.#file.read(buffer.subarray(at));
      if (count === null) break;
      at += count;
    }
    return buffer;
  }
}
