// SPDX-License-Identifier: Apache-2.0
/** Records as they come in from a host, in pieces that begin and end anywhere. */

export class Received {
  readonly #parts: Uint8Array[] = [];
  readonly #onLines: (lines: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** Bytes so far. */
  length = 0;

  /** @param onLines told whole lines, as soon as they are */
  constructor(onLines: (lines: string) => void) {
    this.#onLines = onLines;
  }

  /** The next piece. */
  add(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.length += bytes.length;
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    if (end > 0) this.#onLines(text.slice(0, end));
  }

  /** All of them. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
