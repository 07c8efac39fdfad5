// SPDX-License-Identifier: Apache-2.0
/** Machines that carry out exact trials elsewhere, as a fleet; and some of their trials twice. */
import { LabError } from "../../base/errors.ts";
import { firstDifference } from "../../contract/record_difference.ts";
import type { Trial } from "../../contract/trial.ts";
import type { EmulatedHost } from "../emulated/host.ts";
import { type Fleet, leased } from "../fleet.ts";
import type { Host, Outcome } from "../host.ts";

/** A trial to be carried out somewhere. */
export interface Errand {
  trial: Trial;
  /** It was carried out there, and is repeated elsewhere. */
  avoid?: string;
}

/** How it ended, and where. */
export interface Carried {
  /** The machine's name; "" where none has carried it out. */
  node: string;
  outcome: Outcome;
}

/** Machines elsewhere. */
export interface Pool {
  /** Trials that are handed to it at the same time, at most. */
  readonly slots: number;
  /** As {@linkcode Fleet.ready}. */
  prepare(trials: readonly Trial[], run: string): Promise<void>;
  carryOut(
    errand: Errand,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Carried>;
  /** As {@linkcode Fleet.atWork}. */
  atWork(): { slots: number; text: string };
  /** Nothing that it was given is wanted any more. */
  cancel(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The fleet of a pool. Its hosts are emulated ones like those of this machine: what they give is the
 * same to the byte.
 *
 * @param check share of the trials, from 0 to 1, that are repeated on another machine: a difference
 * ends the run
 */
export function poolFleet(host: EmulatedHost, pool: Pool, check: number): Fleet {
  const over = new AbortController();
  const carryOut: Host["carryOut"] = async (trial, onRecords, signal) => {
    const either = AbortSignal.any([signal, over.signal]);
    const first = await pool.carryOut({ trial }, onRecords, either);
    if (first.outcome.ended !== "done" || !isChecked(trial, check)) return first.outcome;
    const second = await pool.carryOut({ trial, avoid: first.node }, () => {}, either);
    const difference = differenceOf(trial, first, second);
    if (difference === undefined) {
      return second.outcome.ended === "interrupted" ? second.outcome : first.outcome;
    }
    over.abort();
    await pool.cancel();
    throw difference;
  };
  const place = {
    ...{ name: host.name, exact: host.exact, carryOut },
    facts: () => host.facts(),
    objection: host.objection.bind(host),
    inputsOf: host.inputsOf.bind(host),
  };
  return {
    get slots() {
      return pool.slots;
    },
    exact: host.exact,
    ready: (trials, run) => pool.prepare(trials, run),
    lease: () => Promise.resolve(leased(place, () => Promise.resolve())),
    atWork: () => pool.atWork(),
    close: () => pool.close(),
  };
}

/** The same trials each time: those whose identity, as a share of all there could be, is below it. */
export function isChecked({ identity }: Pick<Trial, "identity">, check: number): boolean {
  return Number.parseInt(identity.slice(0, 8), 16) / 2 ** 32 < check;
}

/** Two machines that do not agree; nothing if they do, or one of them has not come to its end. */
function differenceOf(trial: Trial, first: Carried, second: Carried): LabError | undefined {
  const [one, other] = [first.outcome, second.outcome];
  if (one.ended !== "done" || other.ended === "interrupted" || other.ended === "lost") {
    return undefined;
  }
  const [before, after] = [one, other].map(({ records }) => new TextDecoder().decode(records));
  const how = other.ended === "failed"
    ? `it failed on the second: ${other.reason}`
    : firstDifference(before!, after!);
  if (how === undefined) return undefined;
  return new LabError(
    `Cannot trust both ${first.node} and ${second.node}: they gave other records for ${trial.id}. ` +
      `${how[0]!.toUpperCase()}${how.slice(1)}`,
    "One of them does not compute right: carry the trial out here (./lab verify RUN) to see which, and " +
      "leave that one out",
  );
}
