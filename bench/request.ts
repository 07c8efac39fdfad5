/** What is asked of `runExperiment`: verbs make it of arguments, others of what they know. */
import type { Factors } from "./experiment.ts";

/** Settings of a run as a whole, besides its trials. */
export interface RunOptions {
  /** Kind of host, see hosts/kinds.ts. */
  host: string;
  /** Trials at a time. */
  jobs: number;
  /** Carry out every trial, also those that were measured before. */
  fresh: boolean;
  /** Record who ran it, on which machine and in which folder. */
  withNames: boolean;
  /** The command as it was given, for the record: of files only their names. */
  command: readonly string[];
}

/** A new run of an experiment, or a run to go on with, which keeps the settings it began with. */
export type RunRequest =
  & RunOptions
  & ({ experiment: string; overrides: Factors } | { resume: string });

/** As many trials at a time as there are cores, on the emulated host, with nobody's name. */
export function defaultOptions(command: readonly string[]): RunOptions {
  return {
    ...{ host: "emulated", jobs: navigator.hardwareConcurrency, fresh: false, withNames: false },
    command,
  };
}
