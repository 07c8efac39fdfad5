/** Hosts to be had, so many at a time. */
import { LabError } from "../base/errors.ts";
import type { Host } from "./host.ts";

/** A host for as long as it is leased. */
export type LeasedHost = Host & AsyncDisposable;

export interface Fleet {
  /** How many hosts can be had at the same time. */
  readonly slots: number;
  /** Whether its hosts are exact: then trials need not share a host, and go to whichever is free. */
  readonly exact: boolean;
  /**
   * Makes sure that trials can be begun.
   *
   * @throws {LabError} when something is missing, such as room on a disk.
   */
  ready(): Promise<void>;
  /**
   * Waits for a host. Where time is measured, the trials of a block have to share one: a lease is then
   * for a whole block.
   *
   * @param block number of the block that it is for
   * @throws {LabError} when no host is left, or the signal says that nobody waits any more.
   */
  lease(block: number, signal: AbortSignal): Promise<LeasedHost>;
}

/** The same host to all, to at most so many at a time: each trial gets a machine of its own there. */
export function sharedFleet(
  host: Host,
  slots: number,
  ready: () => Promise<void> = () => Promise.resolve(),
): Fleet {
  let free = slots;
  const waiting: (() => void)[] = [];
  const giveBack = () => {
    free++;
    waiting.shift()?.();
    return Promise.resolve();
  };
  return {
    slots,
    exact: host.exact,
    ready,
    async lease(_block, signal) {
      while (free === 0) await nextTurn(waiting, signal);
      if (signal.aborted) throw notWaiting();
      free--;
      return leased(host, giveBack);
    },
  };
}

/** A host with what is to be done when it is given back. */
export function leased(host: Host, giveBack: () => Promise<void>): LeasedHost {
  return {
    name: host.name,
    exact: host.exact,
    facts: () => host.facts(),
    objection: (settings) => host.objection(settings),
    inputsOf: (settings) => host.inputsOf(settings),
    carryOut: (trial, onRecords, signal) => host.carryOut(trial, onRecords, signal),
    [Symbol.asyncDispose]: giveBack,
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
