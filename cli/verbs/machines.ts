// SPDX-License-Identifier: Apache-2.0
/** Flags that say on which other machines trials are carried out, and the verb that ends them there. */
import { LabError } from "../../base/errors.ts";
import { type On, sharedFolder, shareOf, slurmOption } from "../../hosts/pool/on.ts";
import type { CancelRequest } from "../cancel.ts";
import { runArgument, wholeNumber } from "../flags.ts";
import { type Needs, verb } from "../verb.ts";

/** What goes to sbatch as it is. */
function passedOn(placeholder: string, brief: string) {
  return { kind: "parsed", parse: String, placeholder, brief, optional: true } as const;
}

const mostRunning = 1_000_000;

export const machineFlags = {
  on: {
    kind: "parsed",
    parse: String,
    placeholder: "MACHINES",
    brief: "other machines: slurm, ssh://A,B, or a file of hosts; see docs/CLUSTER.md",
    optional: true,
    proposeCompletions: () => ["slurm", "ssh://"],
  },
  check: {
    kind: "parsed",
    parse: shareOf,
    placeholder: "SHARE",
    brief: "repeat such a share of the trials, as 2%, on another of these machines",
    optional: true,
  },
  shared: {
    kind: "parsed",
    parse: sharedFolder,
    placeholder: "FOLDER",
    brief: "the folder that all of Slurm's nodes see; one of the cache if not given",
    optional: true,
  },
  partition: passedOn("NAME", "of Slurm"),
  constraint: passedOn("FEATURES", "of Slurm's nodes"),
  time: passedOn("TIME", "limit of a job, as sbatch has it"),
  account: passedOn("NAME", "of Slurm"),
  maxRunning: {
    kind: "parsed",
    parse: wholeNumber("--max-running", 1, mostRunning),
    placeholder: "N",
    brief: "jobs that run at the same time, at most",
    optional: true,
  },
  slurmOption: {
    kind: "parsed",
    parse: slurmOption,
    placeholder: "NAME=VALUE",
    brief: "any other option of sbatch; can be given several times",
    variadic: true,
    optional: true,
  },
} as const;

/** Their values. */
export interface MachineFlags {
  on?: string;
  check?: number;
  shared?: string;
  partition?: string;
  constraint?: string;
  time?: string;
  account?: string;
  maxRunning?: number;
  slurmOption?: readonly string[];
}

/** @throws {LabError} when something is said of machines, and none are named. */
export function machinesOf(flags: MachineFlags): On | undefined {
  const { on, check, shared, partition, constraint, time, account, maxRunning } = flags;
  const slurm = { shared, partition, constraint, time, account, maxRunning };
  const { slurmOption: slurmOptions = [] } = flags;
  const ofSlurm = Object.values(slurm).some((value) => value !== undefined) ||
    slurmOptions.length > 0;
  if (on === undefined && (ofSlurm || check !== undefined)) {
    throw new LabError("Cannot use options of other machines without --on", "Such as --on slurm");
  }
  if (on === undefined) return undefined;
  if (on !== "slurm" && ofSlurm) {
    throw new LabError(`Cannot use options of Slurm with --on ${on}`, "They go with --on slurm");
  }
  return { machines: on, check: check ?? 0, ...slurm, slurmOptions };
}

/** What a run on other machines needs beside what others do. */
export function machineNeeds({ machines, shared }: On): Needs {
  return {
    ...(machines === "slurm" ? { variables: ["slurm"] } : {}),
    ...(shared === undefined ? {} : { write: [shared as `/${string}`] }),
  };
}

export const cancel = verb({
  summary: "end the jobs of a run that was submitted to Slurm",
  more:
    "End the jobs of a run that was submitted to Slurm, and of no other. What they have finished is " +
    "kept: `lab run --resume RUN --on slurm` takes it, and submits the rest again.",
  parameters: {
    flags: {},
    positional: { kind: "tuple", parameters: [runArgument] },
  },
  examples: [["cancel RUN", "its jobs, those that run and those that wait"]],
  request: (_: Record<never, never>, [run]: [string]): CancelRequest => ({ run }),
  needs: () => ({ read: "checkout", run: true, variables: ["cache", "programs", "slurm"] }),
  load: async () => (await import("../cancel.ts")).cancel,
});
