// SPDX-License-Identifier: Apache-2.0
/**
 * From an experiment to its trials: which there are, in which order, and what makes each the same
 * trial wherever it runs.
 */
import { identityOf, type InputDigests, type Trial } from "../contract/trial.ts";
import { crossLevels, type Experiment } from "./experiment.ts";
import type { Factors, Settings } from "../contract/settings.ts";

/**
 * The trials of an experiment, block by block. The order of the arms is reversed in every other
 * block: where time matters, a drift of the machine then does not favour one arm.
 *
 * @param inputsOf digests of what a trial with these settings runs on.
 */
export function plan(
  experiment: Experiment,
  inputsOf: (settings: Settings) => InputDigests,
): Trial[] {
  const { arm: arms = [], ...others } = experiment.factors;
  const trials: Trial[] = [];
  crossLevels(seedFirst(others)).forEach((shared, block) => {
    const order = block % 2 === 0 ? arms : arms.toReversed();
    for (const arm of order) {
      const settings = { ...shared, arm } as Settings;
      const identity = identityOf(settings, experiment.phases, inputsOf(settings));
      trials.push({
        id: `${settings.workload}-${arm}-s${settings.seed}-${identity.slice(0, 8)}`,
        identity,
        block,
        settings,
        phases: experiment.phases,
      });
    }
  });
  return trials;
}

/** Seeds go slowest: an interrupted run then has whole replications. */
function seedFirst({ seed = [], ...others }: Factors): Factors {
  return { seed, ...others };
}
