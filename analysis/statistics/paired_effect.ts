// SPDX-License-Identifier: Apache-2.0
import { mean, sampleStandardDeviation } from "simple-statistics";
import { bcaInterval, type BootstrapOptions, type Interval } from "./bootstrap.ts";
import { type PermutationTest, signFlipTest } from "./permutation.ts";

/** One unit's value in both arms. */
export interface Pair {
  from: number;
  to: number;
}

/** What can be said of a measure in two arms that were compared pair by pair. */
export interface PairedEffect {
  /** How many pairs it rests on. */
  pairs: number;
  /** Mean of `to - from`. */
  meanDifference: number;
  /** BCa bootstrap interval of that mean over the pairs; null with too few pairs. */
  differenceInterval: Interval | null;
  /** 1 - mean(to) / mean(from); null if nothing was there to reduce. */
  reduction: number | null;
  /** The same interval for the reduction. */
  reductionInterval: Interval | null;
  /**
   * d_z, the mean difference in standard deviations of the differences (Cohen 1988; Lakens, Front.
   * Psychol. 4:863, 2013, equation 6); null if it has no spread.
   */
  effectSize: number | null;
  /** The test against chance. */
  permutation: PermutationTest;
}

/**
 * Compares two arms over their pairs. The trial is the unit: a pair is two trials (or means of
 * trials) that differ in nothing but the arm.
 *
 * @returns null if there are no pairs
 */
export function pairedEffect(
  pairs: readonly Pair[],
  options: BootstrapOptions = {},
): PairedEffect | null {
  const differences = pairs.map(({ from, to }) => to - from);
  const permutation = signFlipTest(differences, options.seed);
  if (permutation === null) return null;
  const from = pairs.map((pair) => pair.from);
  const to = pairs.map((pair) => pair.to);
  const reduction = reductionOf(mean(from), mean(to));
  return {
    pairs: pairs.length,
    meanDifference: mean(differences),
    differenceInterval: bcaInterval([differences], ([each]) => each!, options),
    reduction,
    reductionInterval: reduction === null
      ? null
      : bcaInterval([from, to], ([before, after]) => reductionOf(before!, after!) ?? NaN, options),
    effectSize: effectSizeOf(differences),
    permutation,
  };
}

function reductionOf(from: number, to: number): number | null {
  return from === 0 ? null : 1 - to / from;
}

/** d_z of paired differences; null for fewer than two or without spread. */
export function effectSizeOf(differences: readonly number[]): number | null {
  if (differences.length < 2) return null;
  const spread = sampleStandardDeviation([...differences]);
  return spread === 0 ? null : mean([...differences]) / spread;
}
