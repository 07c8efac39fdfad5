// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { mean } from "simple-statistics";
import { accelerationOf, bcaInterval } from "./bootstrap.ts";
import { effectSizeOf, pairedEffect } from "./paired_effect.ts";
import { signFlipTest } from "./permutation.ts";

function near(actual: number | undefined, expected: number, tolerance: number) {
  assert(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${actual} is not within ${tolerance} of ${expected}`,
  );
}

/** Efron & Tibshirani (1993), table 14.1: spatial test data, column A. */
const SPATIAL = [
  ...[48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26],
  ...[30, 41],
];

/** Its variance is a function of these two means. */
const SQUARES = SPATIAL.map((value) => value ** 2);

function variance([mean = NaN, squares = NaN]: readonly number[]): number {
  return squares - mean ** 2;
}

Deno.test("bcaInterval() gives what Efron and Tibshirani print for the spatial test data", () => {
  near(variance([SPATIAL, SQUARES].map(mean)), 171.5, 0.05);
  near(accelerationOf([SPATIAL, SQUARES], variance), 0.061, 0.0005);
  const interval = bcaInterval([SPATIAL, SQUARES], variance, { level: 0.9 });
  // Table 14.2: (115.8, 259.6) from 2,000 resamples; the ABC method, without chance: (116.7, 260.9).
  near(interval?.low, 115.8, 3);
  near(interval?.high, 259.6, 5);
  assertEquals([interval?.exact, interval?.resamples], [false, 10_000]);
  assertEquals(bcaInterval([SPATIAL, SQUARES], variance, { level: 0.9 }), interval);
});

Deno.test("bcaInterval() takes all resamples of few units", () => {
  // Symmetric, so neither bias nor acceleration: the percentiles of the 27 means of 1, 2 and 3.
  const interval = bcaInterval([[1, 2, 3]], ([each]) => each!, { level: 0.8 });
  assertEquals([interval?.resamples, interval?.exact], [27, true]);
  near(interval?.low, 4 / 3, 1e-9);
  near(interval?.high, 8 / 3, 1e-9);
});

Deno.test("bcaInterval() is a point without spread, and nothing for two units", () => {
  const interval = bcaInterval([[4, 4, 4]], ([each]) => each!);
  assertEquals([interval?.low, interval?.high], [4, 4]);
  assertEquals(bcaInterval([[1, 2]], ([each]) => each!), null);
});

/** Darwin's plants, cross-fertilised less self-fertilised, in eighths of an inch (Fisher 1935). */
const DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

Deno.test("signFlipTest() finds Fisher's 1,726 of 32,768 arrangements of Darwin's data", () => {
  assertEquals(signFlipTest(DARWIN), {
    p: 1726 / 32768,
    least: 2 / 32768,
    arrangements: 32768,
    exact: true,
  });
});

Deno.test("signFlipTest() comes close to the exact value with random arrangements", () => {
  // Pairs without a difference leave p as it is, but are too many to take all arrangements.
  const test = signFlipTest([...DARWIN, 0, 0, 0]);
  assertEquals(test?.exact, false);
  near(test?.p, 1726 / 32768, 0.003);
});

Deno.test("signFlipTest() knows the least that few pairs can give", () => {
  assertEquals(signFlipTest([-5, -6, -7]), { p: 0.25, least: 0.25, arrangements: 8, exact: true });
  assertEquals(signFlipTest([0, 0])?.p, 1);
  assertEquals(signFlipTest([]), null);
});

Deno.test("effectSizeOf() gives what Lakens (2013, table 1) prints for two movies", () => {
  const first = [9, 7, 8, 9, 8, 9, 9, 10, 9, 9];
  const second = [9, 6, 7, 8, 7, 9, 8, 8, 8, 7];
  near(effectSizeOf(first.map((value, at) => value - second[at]!)) ?? undefined, 1.5, 0.005);
});

Deno.test("pairedEffect() describes pairs by difference, reduction and test", () => {
  const effect = pairedEffect([{ from: 10, to: 1 }, { from: 30, to: 6 }, { from: 20, to: 2 }]);
  assertEquals(effect?.pairs, 3);
  near(effect?.meanDifference, -17, 1e-12);
  near(effect?.reduction ?? undefined, 0.85, 1e-12);
  const { low = NaN, high = NaN } = effect?.reductionInterval ?? {};
  assert(low >= 0.8 && low < 0.85 && high > 0.85 && high <= 0.9, `${low} to ${high}`);
  assertEquals(effect?.permutation.p, 0.25);
  assertEquals(pairedEffect([{ from: 0, to: 3 }])?.reduction, null);
  assertEquals(pairedEffect([]), null);
});
