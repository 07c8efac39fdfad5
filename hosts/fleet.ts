// SPDX-License-Identifier: Apache-2.0
/** Hosts to be had, so many at a time. */
import type { Trial } from "../contract/trial.ts";
import type { Host } from "./host.ts";

/** A host for as long as it is leased. */
export type LeasedHost = Host & AsyncDisposable;

/** Where hosts come from. */
export interface Fleet {
  /** How many hosts can be had at the same time; once it is `ready()`, no more than fit. */
  readonly slots: number;
  /** Whether its hosts are exact: then trials need not share a host, and go to whichever is free. */
  readonly exact: boolean;
  /**
   * Makes sure that trials can be begun, before any host is leased, and lowers `slots` to what this takes.
   *
   * @param trials all that hosts will be leased for
   * @param run the run's name
   * @throws {LabError} when something is missing, such as room on a disk or in memory.
   */
  ready(trials: readonly Trial[], run: string): Promise<void>;
  /** The place, among the trials that wait, of the one that is best begun now; the first if not given. */
  next?(waiting: readonly Trial[]): number;
  /**
   * Waits for a host. Where time is measured, the trials of a block have to share one: a lease is then
   * for a whole block.
   *
   * @param block number of the block that it is for
   * @throws {LabError} when no host is left, or the signal says that nobody waits any more.
   */
  lease(block: number, signal: AbortSignal): Promise<LeasedHost>;
  /** Of a fleet whose trials wait elsewhere: how many are carried out now, and what else there is to say. */
  atWork?(): { slots: number; text: string };
  /** No trial comes any more: what was kept for them is removed. */
  close(): Promise<void>;
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
