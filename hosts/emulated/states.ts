// SPDX-License-Identifier: Apache-2.0
/** Saved states of emulated machines, each kept for as long as a trial is to go on from it. */
import { join } from "@std/path";
import { withScratch } from "../../store/cache.ts";
import type { Evidence } from "../host.ts";
import type { Trial } from "../../contract/trial.ts";
import type { Prefix } from "./fork.ts";

/** What a state cost. */
export interface StateCost {
  /** Wall time until it was there, and of that the writing. */
  wall_s: number;
  writing_s: number;
  bytes: number;
  /** Executed from power-on up to the state. */
  instructions: number | undefined;
}

/** How the saving of a state ended. */
export type Saved =
  | { path: string; cost: StateCost }
  /** Why there is none; with what the machine had recorded by then. */
  | { failure: string; records: Uint8Array; evidence: Evidence }
  | "interrupted";

/** Executes the machine up to the fork and saves it at the path. */
export type Save = (trial: Trial, path: string, dir: string) => Promise<Saved>;

interface State {
  /** Trials that are still to go on from it. */
  left: number;
  saved: Promise<Saved> | undefined;
  /** It is on the disk. */
  ready: boolean;
  /** Removes it. */
  remove: () => void;
  removed: Promise<void>;
}

export class States {
  readonly #prefixOf: (trial: Trial) => Prefix | undefined;
  readonly #states = new Map<string, State>();
  /** Of all that were saved, in order. */
  readonly costs: StateCost[] = [];

  /** @param prefixOf what of a trial comes before the fork; nothing if it is not to fork */
  constructor(prefixOf: (trial: Trial) => Prefix | undefined) {
    this.#prefixOf = prefixOf;
  }

  /** Trials that will be carried out: those that share a prefix with none are booted whole. */
  expect(trials: readonly Trial[]): void {
    const counts = new Map<string, number>();
    for (const trial of trials) {
      const identity = this.#prefixOf(trial)?.identity;
      if (identity !== undefined) counts.set(identity, (counts.get(identity) ?? 0) + 1);
    }
    for (const [identity, left] of counts) {
      if (left < 2) continue;
      this.#states.set(identity, {
        ...{ left, saved: undefined, ready: false, remove: () => {} },
        removed: Promise.resolve(),
      });
    }
  }

  #of(trial: Trial): State | undefined {
    const prefix = this.#prefixOf(trial);
    return prefix === undefined ? undefined : this.#states.get(prefix.identity);
  }

  /**
   * The trial's place among those that wait which is best begun now: one whose state is there, so that
   * it can be removed soon; else one for which nobody has to wait.
   */
  next(waiting: readonly Trial[]): number {
    const ready = waiting.findIndex((trial) => this.#of(trial)?.ready === true);
    if (ready >= 0) return ready;
    const free = waiting.findIndex((trial) => this.#of(trial)?.saved === undefined);
    return Math.max(0, free);
  }

  /**
   * Lets a trial go on from its state, which is made if nobody has yet.
   *
   * @returns what `use` returns; nothing when the trial is to be booted whole.
   */
  async goOn<T>(
    trial: Trial,
    save: Save,
    use: (saved: Saved) => Promise<T>,
  ): Promise<T | undefined> {
    const state = this.#of(trial);
    if (state === undefined) return undefined;
    state.saved ??= this.#make(state, trial, save);
    try {
      return await use(await state.saved);
    } finally {
      if (--state.left === 0) await this.#remove(state);
    }
  }

  #make(state: State, trial: Trial, save: Save): Promise<Saved> {
    const name = `state-${trial.id}-${crypto.randomUUID().slice(0, 8)}`;
    return new Promise<Saved>((resolve, reject) => {
      state.removed = withScratch(name, async (dir) => {
        const unused = new Promise<void>((remove) => state.remove = remove);
        const saved = await save(trial, join(dir, "state"), dir);
        state.ready = typeof saved === "object" && "path" in saved;
        if (typeof saved === "object" && "path" in saved) this.costs.push(saved.cost);
        resolve(saved);
        await unused;
      }).catch(reject);
    });
  }

  async #remove(state: State): Promise<void> {
    state.ready = false;
    state.remove();
    await state.removed;
  }

  /** Removes all states: no trial goes on any more. */
  async close(): Promise<void> {
    const states = [...this.#states.values()];
    this.#states.clear();
    for (const state of states) await this.#remove(state);
  }
}
