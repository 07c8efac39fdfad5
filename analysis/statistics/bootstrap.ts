// SPDX-License-Identifier: Apache-2.0
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { errorFunction, mean, probit, quantileSorted, sum } from "simple-statistics";

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

/** Of many units fewer resamples will do, so that the cost does not grow with both: draws in all. */
const MOST_DRAWS = 2_000_000;
/** Efron & Tibshirani (1993), section 14.3: a BCa interval needs this many at least. */
const LEAST_RESAMPLES = 1_000;

/**
 * The bias-corrected and accelerated (BCa) bootstrap interval of a statistic that is a function of means.
 *
 * Efron, "Better Bootstrap Confidence Intervals", JASA 82 (1987), as in Efron & Tibshirani, "An
 * Introduction to the Bootstrap" (1993), chapter 14. The bias correction counts half of the
 * resamples that equal the estimate, which matters with few units, where many do. The resampled
 * unit must be what was repeated independently: here the trial, or a pair of trials.
 *
 * @param columns what is known of the units, one list of values each, all of them as long
 * @param statistic computed from the means of the columns over a resample
 * @returns null if there are fewer than {@linkcode LEAST_UNITS} units
 */
export function bcaInterval(
  columns: readonly (readonly number[])[],
  statistic: (means: readonly number[]) => number,
  { level = 0.95, resamples = 10_000, seed = 1 }: BootstrapOptions = {},
): Interval | null {
  const units = columns[0]?.length ?? 0;
  if (units < LEAST_UNITS) return null;
  const exact = units <= MOST_UNITS_ENUMERATED;
  const enough = Math.max(LEAST_RESAMPLES, Math.floor(MOST_DRAWS / units));
  const samples = exact
    ? allResamples(units)
    : randomResamples(units, Math.min(resamples, enough), seed);
  const replicates: number[] = [];
  for (const sample of samples) {
    replicates.push(statistic(columns.map((values) => meanAt(values, sample, exact))));
  }
  const sorted = replicates.filter(Number.isFinite).sort((a, b) => a - b);
  const estimate = statistic(columns.map((values) => mean([...values])));
  const result = { level, resamples: sorted.length, exact };
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || least === most) return { low: estimate, high: estimate, ...result };
  const bias = biasCorrection(sorted, estimate);
  const acceleration = accelerationOf(columns, statistic);
  const bound = (share: number) => {
    const z = bias + probit(share);
    return quantileSorted(sorted, normal(bias + z / (1 - acceleration * z)));
  };
  return { low: bound((1 - level) / 2), high: bound((1 + level) / 2), ...result };
}

/** Of few values exactly, of many as fast as can be. */
function meanAt(values: readonly number[], sample: Uint32Array, exact: boolean): number {
  if (exact) return mean(Array.from(sample, (at) => values[at]!));
  let sum = 0;
  for (let draw = 0; draw < sample.length; draw++) sum += values[sample[draw]!]!;
  return sum / sample.length;
}

/** Every way to draw as many units as there are, with replacement. The array is the same each time. */
function* allResamples(units: number): Generator<Uint32Array> {
  const count = units ** units;
  const sample = new Uint32Array(units);
  for (let number = 0; number < count; number++) {
    let rest = number;
    for (let draw = 0; draw < units; draw++) {
      sample[draw] = rest % units;
      rest = Math.floor(rest / units);
    }
    yield sample;
  }
}

/** Values of the generator's 32 bits. */
const WORDS = 2 ** 32;

/** Some ways to draw. No unit is likelier than another by more than units / 2^32. The array is the same. */
function* randomResamples(units: number, count: number, seed: number): Generator<Uint32Array> {
  const random = xoroshiro128plus(seed);
  const sample = new Uint32Array(units);
  for (let number = 0; number < count; number++) {
    for (let draw = 0; draw < units; draw++) {
      sample[draw] = Math.floor((random.next() >>> 0) / WORDS * units);
    }
    yield sample;
  }
}

/** z0: how far the median of the replicates is from the estimate, in standard deviations. */
function biasCorrection(replicates: readonly number[], estimate: number): number {
  const less = replicates.filter((value) => value < estimate).length;
  const equal = replicates.filter((value) => value === estimate).length;
  return probit((less + equal / 2) / replicates.length);
}

/** The jackknife's estimate of how fast the standard error changes with the estimate. */
export function accelerationOf(
  columns: readonly (readonly number[])[],
  statistic: (means: readonly number[]) => number,
): number {
  const units = columns[0]?.length ?? 0;
  const sums = columns.map((values) => sum([...values]));
  const without = Array.from(
    { length: units },
    (_, at) =>
      statistic(columns.map((values, column) => (sums[column]! - values[at]!) / (units - 1))),
  );
  const centre = mean(without);
  const square = without.reduce((all, value) => all + (centre - value) ** 2, 0);
  const cube = without.reduce((all, value) => all + (centre - value) ** 3, 0);
  return square === 0 ? 0 : cube / (6 * square ** 1.5);
}

/** The cumulative standard normal distribution. */
function normal(z: number): number {
  return (1 + errorFunction(z / Math.SQRT2)) / 2;
}
