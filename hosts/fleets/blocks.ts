// SPDX-License-Identifier: Apache-2.0
/**
 * The fleet of several machines, each of which carries out one trial at a time. A block stays on one
 * machine; one that is lost is left alone from then on, and its block goes to another.
 */
import { LabError } from "../../base/errors.ts";
import type { Trial } from "../../contract/trial.ts";
import { type Fleet, leased } from "../fleet.ts";
import type { Host, Outcome } from "../host.ts";

/** What else such a fleet does. */
interface More {
  /** Makes sure of a machine before its first trial; what it throws keeps the machine out. */
  ready?: (host: Host, trials: readonly Trial[]) => Promise<void>;
}

/** Machines by which the trials of a block are carried out one after the other. */
export function blockFleet(
  hosts: readonly Host[],
  { ready = () => Promise.resolve() }: More = {},
): Fleet {
  const free = [...hosts];
  const lost = new Map<Host, string>();
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const go of [...waiting]) go();
    waiting.clear();
  };
  const quarantine = (host: Host, reason: string) => {
    lost.set(host, reason);
    wake();
  };
  return {
    get slots() {
      return hosts.length;
    },
    exact: false,
    async ready(trials) {
      for (const host of hosts) await ready(host, trials);
    },
    close: () => Promise.resolve(),
    async lease(_block, signal) {
      for (;;) {
        if (signal.aborted) throw new LabError("Cannot wait for a host any longer: interrupted");
        const host = free.shift();
        if (host !== undefined) {
          return leased(watched(host, quarantine), () => {
            if (!lost.has(host)) free.push(host);
            wake();
            return Promise.resolve();
          });
        }
        if (lost.size === hosts.length) throw noneLeft(lost);
        await turn(waiting, signal);
      }
    },
  };
}

/** A host whose loss is noticed. */
function watched(host: Host, quarantine: (host: Host, reason: string) => void): Host {
  return {
    name: host.name,
    exact: host.exact,
    facts: () => host.facts(),
    objection: (settings) => host.objection(settings),
    inputsOf: (settings) => host.inputsOf(settings),
    async carryOut(trial, onRecords, signal): Promise<Outcome> {
      const outcome = await host.carryOut(trial, onRecords, signal);
      if (outcome.ended === "lost") quarantine(host, outcome.reason);
      return outcome;
    },
  };
}

function noneLeft(lost: ReadonlyMap<Host, string>): LabError {
  const each = [...lost].map(([{ name }, reason]) => `${name}: ${reason}`);
  return new LabError(
    `Cannot carry out the trials that are left: no host is. ${each.join("; ")}`,
    "`./lab host status HOST` says how a host stands; what was measured is kept",
  );
}

function turn(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const go = () => {
      signal.removeEventListener("abort", go);
      waiting.delete(go);
      resolve();
    };
    waiting.add(go);
    signal.addEventListener("abort", go, { once: true });
  });
}
