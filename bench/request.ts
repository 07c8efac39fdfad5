// SPDX-License-Identifier: Apache-2.0
/** What is asked of a run. Verbs make it of arguments; the lab's own callers write it down. */
import type { On } from "../hosts/pool/on.ts";
import type { Factors } from "../contract/settings.ts";

/** What to run: an experiment by name or file, with other levels for some factors, or a run to go on with. */
export type RunSubject =
  | { experiment: string; overrides: Factors; resume?: never }
  | { resume: string; experiment?: never; overrides?: never };

export type RunRequest = RunSubject & {
  /** Kind of host that trials are carried out on, see hosts/kinds.ts. */
  host: string;
  /** Trials at a time. */
  jobs: number;
  /** Record every fault one by one: observe=trace. */
  trace: boolean;
  /** Other machines to carry trials out on than this one. */
  on?: On | undefined;
  /** Let trials that can go on from one state do so. */
  fork: boolean;
  /** Carry out every trial, also those that were measured before. */
  fresh: boolean;
  /** Begin no other trial once one has failed. */
  strict: boolean;
  /** Record who ran it, on which machine and in which folder. */
  withNames: boolean;
  /** The words that asked for it, for the record. */
  command: readonly string[];
};

/** Trials at a time, at most. */
export const mostJobs = 256;

/** As many as the machine has cores; what its memory allows is seen when trials are to begin. */
export function defaultJobs(): number {
  return Math.min(navigator.hardwareConcurrency, mostJobs);
}

/** A request as it is by default, on as many trials at a time as the machine has cores. */
export function runRequest(
  subject: RunSubject,
  command: readonly string[],
  more: Partial<Omit<RunRequest, keyof RunSubject>> = {},
): RunRequest {
  return {
    ...subject,
    ...{ host: "emulated", jobs: defaultJobs() },
    ...{ trace: false, fork: true, fresh: false, strict: false, withNames: false, command },
    ...more,
  };
}
