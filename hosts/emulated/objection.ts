// SPDX-License-Identifier: Apache-2.0
/** What the emulated host cannot do, known before anything is built. */
import type { Settings } from "../../contract/settings.ts";
import { hostMemory_mib } from "./memory.ts";

/** An image is some ten MiB; what it takes is not known before it is built. */
const assumedImage_bytes = 16 * 2 ** 20;

/** Larger machines were not tried. */
export const mostCpus = 4;

/** Why such a trial cannot be carried out in the emulated host, as the end of a sentence. */
export function objectionTo(settings: Settings): string | undefined {
  const needed_mib = hostMemory_mib(settings, assumedImage_bytes);
  const total_mib = Math.floor(Deno.systemMemoryInfo().total / 2 ** 20);
  if (needed_mib > total_mib) {
    return `it would have ${needed_mib} MiB of memory, and this machine has ${total_mib} MiB`;
  }
  return undefined;
}
