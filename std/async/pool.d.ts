// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/async that the project uses.
export function pooledMap<T, R>(
  poolLimit: number,
  array: Iterable<T> | AsyncIterable<T>,
  iteratorFn: (data: T) => Promise<R>,
): AsyncIterableIterator<R>;
