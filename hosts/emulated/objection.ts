// SPDX-License-Identifier: Apache-2.0
/** What the emulated host cannot do, known before anything is built. */
import { defaultSettings, type Settings } from "../../contract/settings.ts";
import { mostBochs_mib } from "./bochs.ts";
import { emulatorOf } from "./host_boot.ts";
import { outputRoom_mib } from "./machine.ts";
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
  return emulatorOf(settings) === "Bochs" ? bochsObjection(settings, needed_mib) : undefined;
}

/** Why Bochs cannot be such a machine. */
function bochsObjection(settings: Settings, memory_mib: number): string | undefined {
  const all_mib = memory_mib + outputRoom_mib(settings);
  if (all_mib > mostBochs_mib) {
    return `with mmu=${settings.mmu} it runs in Bochs, which has ${mostBochs_mib} MiB of memory at the ` +
      `most, and it would need ${all_mib} MiB with room for its records`;
  }
  const { turn, turn_seed, mmu } = settings;
  if (turn !== defaultSettings.turn || turn_seed !== defaultSettings.turn_seed) {
    return `with mmu=${mmu} it runs in Bochs, whose CPUs take turns in one way alone: leave turn and ` +
      "turn_seed as they are by default";
  }
  return undefined;
}
