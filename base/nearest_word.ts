// SPDX-License-Identifier: Apache-2.0
/** Guesses what was meant, for messages about names that do not exist. */

/** More wrong letters than this share of the word is another word, not a slip. */
const furthestShare = 0.5;

/** The word that takes the fewest changed letters, or nothing if all are far off. */
export function nearestWord(typed: string, words: readonly string[]): string | undefined {
  const [nearest] = words
    .map((word) => ({ word, distance: editDistance(typed.toLowerCase(), word) }))
    .filter(({ word, distance }) => distance <= Math.ceil(word.length * furthestShare))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.word;
}

/** Levenshtein's distance: letters to put in, take out or change. */
export function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let at = 1; at <= b.length; at++) {
      const change = above[at - 1]! + (a[row - 1] === b[at - 1] ? 0 : 1);
      line.push(Math.min(change, above[at]! + 1, line[at - 1]! + 1));
    }
    above = line;
  }
  return above[b.length]!;
}
