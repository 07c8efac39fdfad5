// SPDX-License-Identifier: Apache-2.0
/** How much memory the emulated host gets. */
import type { Settings } from "../../contract/settings.ts";

/** Pages of a guest that is not its memory: VMM, page tables, kernel objects. */
const overheadOfGuest_mib = 28;
const overheadOfHost_mib = 160;
/** Ring buffer of the raw trace. */
const overheadOfTrace_mib = 128;
/** Shadow memory, stack traces and larger structures of a kernel that checks itself. */
const overheadOfChecks_mib = 384;
const step_mib = 64;

/**
 * Memory of the emulated host: as set, or enough for all guests without any merging; and what the RAM
 * disk for swap takes.
 */
export function hostMemory_mib(settings: Settings, image_bytes: number): number {
  return settings.swap_mib + memoryWithoutSwap_mib(settings, image_bytes);
}

function memoryWithoutSwap_mib(settings: Settings, image_bytes: number): number {
  if (settings.host_memory_mib > 0) return settings.host_memory_mib;
  const guests_mib = settings.guests * (settings.guest_memory_mib + overheadOfGuest_mib);
  /* The image is there twice while it is unpacked. */
  const image_mib = 2 * image_bytes / 2 ** 20;
  const trace_mib = settings.observe === "trace" ? overheadOfTrace_mib : 0;
  const checks_mib = settings.debug_kernel === "on" ? overheadOfChecks_mib : 0;
  const needed_mib = overheadOfHost_mib + image_mib + guests_mib + trace_mib + checks_mib;
  return Math.ceil(needed_mib / step_mib) * step_mib;
}
