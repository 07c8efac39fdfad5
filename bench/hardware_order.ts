// SPDX-License-Identifier: Apache-2.0
/** What is done where time is measured, and need not be where counts are exact. */
import { sha256, sha256OfJson } from "../base/digest.ts";
import type { Trial } from "../contract/trial.ts";
import type { Experiment } from "./experiment.ts";

/** By which blocks are put in order: that of the experiment, so that a run which is resumed has the same. */
export function orderSeed({ name, factors, phases }: Experiment): string {
  return sha256OfJson({ name, factors, phases: [...phases] }).slice(0, 8);
}

/**
 * The blocks in an order that is drawn by the seed: what drifts with time, such as heat, then favours no
 * level of a factor. Within a block the trials stay as they are planned.
 */
export function shuffledBlocks(trials: readonly Trial[], seed: string): Trial[] {
  const drawn = ({ block }: Trial) => sha256(new TextEncoder().encode(`${seed} ${block}`));
  return trials.toSorted((a, b) => a.block === b.block ? 0 : drawn(a) < drawn(b) ? -1 : 1);
}

/** Of the normal distribution: 97.5 % for 5 % on two sides, and 80 %, the chance to find what is there. */
const quantiles = 1.960 + 0.842;

/**
 * The least mean difference of two arms that so many pairs find in four of five cases, in standard
 * deviations of the pairs' differences (Cohen 1988, 2.3; by the normal distribution, which is too small
 * for few pairs).
 *
 * @returns nothing for fewer than two pairs: they have no spread
 */
export function leastEffect_sd(pairs: number): number | undefined {
  return pairs < 2 ? undefined : quantiles / Math.sqrt(pairs);
}

/** What is to be said of that before the first trial. */
export function leastEffectInWords(trials: readonly Trial[]): string {
  const arms = new Set(trials.map(({ settings }) => settings.arm)).size;
  if (arms < 2) return "One arm alone: no effect is looked for";
  const blocks = Map.groupBy(
    trials,
    ({ settings: { workload, ...others } }) =>
      sha256OfJson({ workload, ...others, arm: "", seed: 0 }),
  );
  const pairs = Math.min(
    ...[...blocks.values()].map((each) => new Set(each.map(({ settings }) => settings.seed)).size),
  );
  const least = leastEffect_sd(pairs);
  return least === undefined
    ? "A single seed: on hardware no effect can be told from noise. Give it more, such as --set seed=1,2,3,4,5"
    : `With ${pairs} pairs of each kind, effects below ${
      least.toFixed(1)
    } standard deviations of a pair's ` +
      "difference will be missed more often than in one of five runs";
}
