// SPDX-License-Identifier: Apache-2.0
import { LabError } from "../base/errors.ts";

/**
 * Those things whose names hold one of the words.
 *
 * @param words all things if not given
 * @throws {LabError} when there is none; says which there are.
 */
export function chosenBy<T>(
  words: readonly string[] | undefined,
  things: readonly T[],
  nameOf: (thing: T) => string,
): readonly T[] {
  if (words === undefined) return things;
  const chosen = things.filter((thing) => words.some((word) => nameOf(thing).includes(word)));
  if (chosen.length > 0) return chosen;
  throw new LabError(
    `Cannot choose by --only ${words.join(",")}: there is nothing with such a name`,
    `There are: ${things.map(nameOf).join("; ")}`,
  );
}
