// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/async that the project uses.
export function deadline<T>(
  promise: Promise<T>,
  ms: number,
  options?: { signal?: AbortSignal },
): Promise<T>;
