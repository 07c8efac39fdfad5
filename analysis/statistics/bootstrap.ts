// SPDX-License-Identifier: Apache-2.0
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { errorFunction, mean, probit, quantileSorted } from "simple-statistics";

/** An interval and how it was computed. */
export interface Interval {
  /** Its lower end. */
  low: number;
  /** Its upper end. */
  high: number;
  /** Confidence level, e.g. 0.95. */
  level: number;
  /** Resamples it rests on. */
  resamples: number;
  /** Whether these are all resamples there are, rather than random ones. */
  exact: boolean;
}

export interface BootstrapOptions {
  /** Confidence level; 0.95 if not given. */
  level?: number;
  /** Random resamples where there are too many to take all of them. */
  resamples?: number;
  /** Of the random resamples: the same seed gives the same interval. */
  seed?: number;
}

/** With fewer units an interval would say more about the method than about the data. */
const LEAST_UNITS = 3;

/** Up to this many units all n^n resamples are taken: 6^6 are 46,656. */
const MOST_UNITS_ENUMERATED = 6;

/**
 * The bias-corrected and accelerated (BCa) bootstrap interval of a statistic.
 *
 * Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987), as in Efron & Tibshirani, "An
 * Introduction to the Bootstrap" (1993), chapter 14. The bias correction counts half of the
 * resamples that equal the estimate, which matters with few units, where many do. The resampled
 * unit must be what was repeated independently: here the trial, or a pair of trials.
 *
 * @param units what is resampled
 * @param statistic computed from a resample; must not depend on the order
 * @returns null if there are fewer than {@linkcode LEAST_UNITS} units
 */
export function bcaInterval<Unit>(
  units: readonly Unit[],
  statistic: (sample: readonly Unit[]) => number,
  { level = 0.95, resamples = 10_000, seed = 1 }: BootstrapOptions = {},
): Interval | null {
  if (units.length < LEAST_UNITS) return null;
  const exact = units.length <= MOST_UNITS_ENUMERATED;
  const samples = exact ? allResamples(units) : randomResamples(units, resamples, seed);
  const replicates: number[] = [];
  for (const sample of samples) replicates.push(statistic(sample));
  const sorted = replicates.filter(Number.isFinite).sort((a, b) => a - b);
  const estimate = statistic(units);
  const result = { level, resamples: sorted.length, exact };
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || least === most) return { low: estimate, high: estimate, ...result };
  const bias = biasCorrection(sorted, estimate);
  const acceleration = accelerationOf(units, statistic);
  const bound = (share: number) => {
    const z = bias + probit(share);
    return quantileSorted(sorted, normal(bias + z / (1 - acceleration * z)));
  };
  return { low: bound((1 - level) / 2), high: bound((1 + level) / 2), ...result };
}

/** Every way to draw as many units as there are, with replacement. */
function* allResamples<Unit>(units: readonly Unit[]): Generator<Unit[]> {
  const count = units.length ** units.length;
  for (let number = 0; number < count; number++) {
    let rest = number;
    yield units.map(() => {
      const unit = units[rest % units.length]!;
      rest = Math.floor(rest / units.length);
      return unit;
    });
  }
}

function* randomResamples<Unit>(
  units: readonly Unit[],
  count: number,
  seed: number,
): Generator<Unit[]> {
  const random = xoroshiro128plus(seed);
  for (let number = 0; number < count; number++) {
    yield units.map(() => units[uniformInt(random, 0, units.length - 1)]!);
  }
}

/** z0: how far the median of the replicates is from the estimate, in standard deviations. */
function biasCorrection(replicates: readonly number[], estimate: number): number {
  const less = replicates.filter((value) => value < estimate).length;
  const equal = replicates.filter((value) => value === estimate).length;
  return probit((less + equal / 2) / replicates.length);
}

/** The jackknife's estimate of how fast the standard error changes with the estimate. */
export function accelerationOf<Unit>(
  units: readonly Unit[],
  statistic: (sample: readonly Unit[]) => number,
): number {
  const without = units.map((_, at) => statistic(units.toSpliced(at, 1)));
  const centre = mean(without);
  const square = without.reduce((sum, value) => sum + (centre - value) ** 2, 0);
  const cube = without.reduce((sum, value) => sum + (centre - value) ** 3, 0);
  return square === 0 ? 0 : cube / (6 * square ** 1.5);
}

/** The cumulative standard normal distribution. */
function normal(z: number): number {
  return (1 + errorFunction(z / Math.SQRT2)) / 2;
}
