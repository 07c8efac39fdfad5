// SPDX-License-Identifier: Apache-2.0
/** What can be written to standard output or error beyond plain text. */

/** A stream as Deno has it. */
export interface Stream {
  isTerminal(): boolean;
}

/** Whether lines can be drawn over: a terminal that knows how. */
export function canRedraw(stream: Stream): boolean {
  return stream.isTerminal() && Deno.env.get("TERM") !== "dumb";
}

/** Whether colours are welcome: on a terminal, unless NO_COLOR is set to anything (no-color.org). */
export function isColoured(stream: Stream): boolean {
  return canRedraw(stream) && (Deno.env.get("NO_COLOR") ?? "") === "";
}
