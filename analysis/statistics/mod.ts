// SPDX-License-Identifier: Apache-2.0
/**
 * Statistics of trials. The trial is the unit: samples within a trial are never pooled as if they
 * were independent. Each method names its source, and its test holds it against published values.
 */
export { bcaInterval, type BootstrapOptions, type Interval } from "./bootstrap.ts";
export { type Cell, type Factorial, factorial, type MainEffect } from "./factorial.ts";
export { effectSizeOf, type Pair, type PairedEffect, pairedEffect } from "./paired_effect.ts";
export { type PermutationTest, signFlipTest } from "./permutation.ts";
