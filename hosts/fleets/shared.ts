// SPDX-License-Identifier: Apache-2.0
/** The fleet of a host that can be leased several times at once. */
import { LabError } from "../../base/errors.ts";
import type { Trial } from "../../contract/trial.ts";
import { type Fleet, leased } from "../fleet.ts";
import type { Host } from "../host.ts";

/** What else a fleet does. */
interface More extends Partial<Pick<Fleet, "next" | "close">> {
  /** Makes sure that trials can be begun, and says how many fit at a time, of so many. */
  ready?: (trials: readonly Trial[], slots: number) => Promise<number>;
}

/** The same host to all, to at most so many at a time: each trial gets a machine of its own there. */
export function sharedFleet(
  host: Host,
  slots: number,
  { ready = (_, slots) => Promise.resolve(slots), ...more }: More = {},
): Fleet {
  let [most, free] = [slots, slots];
  const waiting: (() => void)[] = [];
  const giveBack = () => {
    free++;
    waiting.shift()?.();
    return Promise.resolve();
  };
  return {
    get slots() {
      return most;
    },
    exact: host.exact,
    async ready(trials) {
      const fit = await ready(trials, slots);
      free += fit - most;
      most = fit;
    },
    close: () => Promise.resolve(),
    ...more,
    async lease(_block, signal) {
      while (free === 0) await nextTurn(waiting, signal);
      if (signal.aborted) throw notWaiting();
      free--;
      return leased(host, giveBack);
    },
  };
}

function nextTurn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      const at = waiting.indexOf(go);
      if (at >= 0) waiting.splice(at, 1);
      reject(notWaiting());
    };
    const go = () => {
      signal.removeEventListener("abort", stop);
      resolve();
    };
    if (signal.aborted) return reject(notWaiting());
    waiting.push(go);
    signal.addEventListener("abort", stop, { once: true });
  });
}

function notWaiting(): LabError {
  return new LabError("Cannot wait for a host any longer: interrupted");
}
