// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/async that the project uses.
export function delay(
  ms: number,
  options?: { signal?: AbortSignal; persistent?: boolean },
): Promise<void>;
