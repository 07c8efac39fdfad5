// SPDX-License-Identifier: Apache-2.0
/** For tests that hold records of several hosts against each other by their form, since their numbers differ. */
import { readRecords } from "../contract/record.ts";

/** Which kinds of records there are, each with its fields. @param texts trials' records */
export function shapeOf(...texts: string[]): string[] {
  const all = texts.flatMap((text) => readRecords(text));
  return [...new Set(all.map((one) => `${one.kind}: ${Object.keys(one).sort().join()}`))].sort();
}
