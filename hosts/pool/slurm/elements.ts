// SPDX-License-Identifier: Apache-2.0
/** Which trials go into an element of a job array: whole blocks, as many as last about a minute. */

/** Slurm begins about a task a second: what lasts a minute is not held up by that. */
export const element_s = 60;

/** A trial that is to be carried out, by its key in the shared folder. */
export interface Waiting {
  key: string;
  block: number;
  /** Node that is not to be used; each array has a list of its own. */
  exclude: readonly string[];
}

/**
 * Makes elements of trials that may go to the same nodes.
 *
 * @param trial_s what a trial takes
 * @param apart whether each block gets an element of its own
 */
export function elementsOf(
  waiting: readonly Waiting[],
  trial_s: number,
  apart: boolean,
): string[][] {
  const elements: string[][] = [];
  let current: string[] = [];
  let last: number | undefined;
  for (const { key, block } of waiting) {
    const full = apart || current.length * trial_s >= element_s;
    if (current.length > 0 && block !== last && full) {
      elements.push(current);
      current = [];
    }
    current.push(key);
    last = block;
  }
  return current.length === 0 ? elements : [...elements, current];
}

/** Those that may go to the same nodes, in their order. */
export function byNodes(waiting: readonly Waiting[]): Waiting[][] {
  return [...Map.groupBy(waiting, ({ exclude }) => exclude.toSorted().join(",")).values()];
}
