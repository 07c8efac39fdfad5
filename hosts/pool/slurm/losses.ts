// SPDX-License-Identifier: Apache-2.0
/** Trials whose jobs ended without a result: how often, where, and why. */

/** Jobs of a trial that may end so; those that others have pushed aside do not count much. */
const mostJobs = 3;
const mostPreemptions = 20;

/** How one was lost. */
export interface Loss {
  /** In words. */
  reason: string;
  /** Where; "" where nobody knows. */
  node: string;
  preempted: boolean;
}

interface Lost {
  reasons: string[];
  /** Not to be used for it again. */
  nodes: Set<string>;
  preempted: number;
}

export class Losses {
  readonly #lost = new Map<string, Lost>();

  has(key: string): boolean {
    return this.#lost.has(key);
  }

  /** @returns nodes to go to no more; or, after too many, in words why it has failed. */
  add(key: string, { reason, node, preempted }: Loss): string[] | string {
    const lost = this.#lost.get(key) ?? { reasons: [], nodes: new Set<string>(), preempted: 0 };
    this.#lost.set(key, lost);
    lost.reasons.push(reason);
    if (preempted) lost.preempted++;
    else if (node !== "") lost.nodes.add(node);
    const counted = lost.reasons.length - lost.preempted;
    return counted < mostJobs && lost.preempted < mostPreemptions
      ? [...lost.nodes]
      : `${lost.reasons.length} jobs ended without a result: ${lost.reasons.join("; ")}`;
  }
}
