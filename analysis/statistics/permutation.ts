// SPDX-License-Identifier: Apache-2.0
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** What a permutation test says. */
export interface PermutationTest {
  /** Two-sided: how often chance alone gives a mean difference at least as large. */
  p: number;
  /** The smallest p that this many pairs could have given. */
  least: number;
  /** Arrangements of signs that were looked at. */
  arrangements: number;
  /** Whether these are all there are, rather than random ones. */
  exact: boolean;
}

/** Up to this many pairs all 2^n arrangements are looked at: 2^16 are 65,536. */
const MOST_PAIRS_ENUMERATED = 16;
/** With more: random ones, as many as the signs in all allow, so that the cost stays linear. */
const MOST_ARRANGEMENTS = 100_000;
const LEAST_ARRANGEMENTS = 10_000;
const MOST_SIGNS = 5_000_000;
/** Signs that one number of the generator gives. */
const BITS = 32;

/** Sums of the same numbers in another order differ in their last digits. */
const ROUNDING = 1e-12;

/**
 * The permutation test of paired differences: if the arms did not differ, each difference would as
 * soon have the other sign.
 *
 * Fisher, "The Design of Experiments" (1935), section 21. With many pairs random arrangements take
 * the place of all of them, and the observed one counts as one of them: Phipson & Smyth,
 * "Permutation P-values Should Never Be Zero", Stat. Appl. Genet. Mol. Biol. 9 (2010).
 *
 * @returns null if there are no pairs
 */
export function signFlipTest(differences: readonly number[], seed = 1): PermutationTest | null {
  const pairs = differences.length;
  if (pairs === 0) return null;
  const observed = Math.abs(differences.reduce((sum, each) => sum + each, 0));
  const size = differences.reduce((sum, each) => sum + Math.abs(each), 0);
  const isExtreme = (sum: number) => Math.abs(sum) >= observed - size * ROUNDING;
  if (pairs <= MOST_PAIRS_ENUMERATED) {
    const arrangements = 2 ** pairs;
    let extreme = 0;
    for (let signs = 0; signs < arrangements; signs++) {
      const sum = differences.reduce((all, each, at) => all + (signs >> at & 1 ? -each : each), 0);
      if (isExtreme(sum)) extreme++;
    }
    const p = extreme / arrangements;
    return { p, least: 2 / arrangements, arrangements, exact: true };
  }
  const random = xoroshiro128plus(seed);
  const count = Math.min(
    MOST_ARRANGEMENTS,
    Math.max(LEAST_ARRANGEMENTS, Math.floor(MOST_SIGNS / pairs)),
  );
  let extreme = 1;
  for (let arrangement = 0; arrangement < count; arrangement++) {
    let [sum, signs] = [0, 0];
    for (let at = 0; at < pairs; at++) {
      if (at % BITS === 0) signs = random.next();
      const each = differences[at]!;
      sum += signs >> at % BITS & 1 ? -each : each;
    }
    if (isExtreme(sum)) extreme++;
  }
  const arrangements = count + 1;
  return { p: extreme / arrangements, least: 1 / arrangements, arrangements, exact: false };
}
