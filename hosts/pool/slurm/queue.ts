// SPDX-License-Identifier: Apache-2.0
/** What Slurm is asked, and what it answers. Works without accounting: nobody asks `sacct`. */
import { LabError } from "../../../base/errors.ts";
import { ProgramFailed, run } from "../../../base/process.ts";

/** Slurm's own programs answer within that, or its controller does not. */
const answerLimit_s = 120;

/** An element of a job array, as `squeue` has it. */
export interface Row {
  /** Number of the array's job. */
  array: string;
  /** Of the element itself, which is what a node knows it by. */
  job: string;
  index: number;
  /** Which array of the run it is: the lab has said so when it was submitted. */
  tag: string;
  /** Such as "RUNNING". */
  state: string;
  node: string;
  reason: string;
}

/** What goes to `sbatch` as it is. */
export interface SlurmOptions {
  partition?: string | undefined;
  constraint?: string | undefined;
  time?: string | undefined;
  account?: string | undefined;
  /** Elements that may run at the same time. */
  maxRunning?: number | undefined;
  /** Further options, without the dashes before them: "qos=low". */
  more: readonly string[];
}

/** States that an element does not leave any more, and what each says of it; NODE follows. */
const endings: Readonly<Record<string, string>> = {
  COMPLETED: "its job has ended without a result on",
  FAILED: "its job was ended on",
  CANCELLED: "its job was cancelled on",
  TIMEOUT: "its job has met the time limit on",
  DEADLINE: "its job has met the deadline on",
  PREEMPTED: "its job was preempted on",
  NODE_FAIL: "the node has failed:",
  BOOT_FAIL: "the node could not boot:",
  OUT_OF_MEMORY: "its job ran out of memory on",
  REQUEUE_HOLD: "its job could not be begun, and is held, on",
  SPECIAL_EXIT: "its job is held on",
};

/** An element that `squeue` does not know any more. */
export const unknown = "its job is no longer known, last seen on";

/** Why an element in such a state has no result; nothing if it still may have. */
export function endingOf(state: string): string | undefined {
  return endings[state];
}

const separator = "|";
const format = ["%A", "%F", "%K", "%T", "%N", "%k", "%r"].join(separator);

/** Reads what `squeue` prints in that format, a line an element. Others' lines are left out. */
export function rowsIn(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const [job, array, index, state, node, tag, ...reason] = line.trim().split(separator);
    if (reason.length === 0 || !/^\d+$/.test(index!)) return [];
    return [{
      ...{ job: job!, array: array!, index: Number(index), tag: tag!, state: state! },
      ...{ node: node!, reason: reason.join(separator) },
    }];
  });
}

/** The name of all jobs of a run. */
export function jobName(run: string): string {
  return `samepage-${run}`;
}

/**
 * All elements of a run that are known: for some minutes also those that have ended.
 *
 * @throws {LabError} when the controller does not answer.
 */
export async function queueOf(name: string): Promise<Row[]> {
  const { stdout } = await run("squeue", [
    ...["--noheader", "--array", "--states=all", `--name=${jobName(name)}`, `--format=${format}`],
  ], { purpose: "ask Slurm for the jobs of the run", timeLimit_s: answerLimit_s });
  return rowsIn(stdout);
}

/** What a site allows. */
export interface Limits {
  /** Elements of an array. */
  array: number;
  /** Jobs in the queue, of all users. */
  jobs: number;
}

/** @throws {LabError} when there is no Slurm here, or it does not answer. */
export async function limits(): Promise<Limits> {
  try {
    const { stdout } = await run("scontrol", ["show", "config"], {
      purpose: "ask Slurm for its configuration",
      timeLimit_s: answerLimit_s,
    });
    const value = (name: string) =>
      Number(new RegExp(`^${name}\\s*=\\s*(\\d+)`, "m").exec(stdout)?.[1]);
    return { array: value("MaxArraySize") || 1001, jobs: value("MaxJobCount") || 10_000 };
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error;
    const reason = error.how === "is not installed"
      ? "there is no Slurm on this machine (scontrol is not installed)"
      : `Slurm does not answer: ${error.message}`;
    throw new LabError(
      `Cannot run on slurm: ${reason}`,
      "Call the lab on a machine from which jobs are submitted; docs/CLUSTER.md says what a site needs",
    );
  }
}

/** What is submitted. */
export interface Submission {
  run: string;
  tag: string;
  /** How many elements: 0 to one less. */
  elements: number;
  memory_mib: number;
  /** Nodes that are not to be used. */
  exclude: readonly string[];
  /** The job's script, and where it writes what it says. */
  script: string;
  logs: string;
}

/** The arguments of `sbatch`. */
export function sbatchArguments(
  { run, tag, elements, memory_mib, exclude, script, logs }: Submission,
  { partition, constraint, time, account, maxRunning, more }: SlurmOptions,
): string[] {
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`--${name}=${value}`];
  const most = maxRunning === undefined ? "" : `%${maxRunning}`;
  return [
    ...["--parsable", `--job-name=${jobName(run)}`, `--comment=${tag}`],
    `--array=0-${elements - 1}${most}`,
    ...[
      "--ntasks=1",
      "--cpus-per-task=1",
      `--mem=${memory_mib}`,
      "--requeue",
      "--open-mode=append",
    ],
    `--output=${logs}/${tag}.%a`,
    ...option("partition", partition),
    ...option("constraint", constraint),
    ...option("time", time),
    ...option("account", account),
    ...(exclude.length === 0 ? [] : [`--exclude=${exclude.join(",")}`]),
    ...more.map((one) => `--${one}`),
    ...[script, tag],
  ];
}

/** @returns the number of the array's job. @throws {LabError} when Slurm refuses it. */
export async function submit(submission: Submission, options: SlurmOptions): Promise<string> {
  const { stdout } = await run("sbatch", sbatchArguments(submission, options), {
    purpose: "submit trials to Slurm",
    timeLimit_s: answerLimit_s,
    cwd: "/",
  });
  return stdout.trim().split(";")[0]!;
}

/** In the place of the tag, of jobs that somebody has cancelled: they are not to be submitted again. */
export const cancelledTag = "cancelled";

/** Ends all jobs of a run, and of no other; whoever waits for them sees that it was meant. */
export async function cancelAll(name: string): Promise<void> {
  const going = (await queueOf(name)).filter(({ state }) => endingOf(state) === undefined);
  for (const array of new Set(going.map(({ array }) => array))) {
    await run("scontrol", ["update", `jobid=${array}`, `comment=${cancelledTag}`], {
      purpose: "say that jobs are cancelled",
      timeLimit_s: answerLimit_s,
      accept: [1],
    });
  }
  await run("scancel", [`--name=${jobName(name)}`], {
    purpose: "cancel the jobs of the run",
    timeLimit_s: answerLimit_s,
  });
}

/** Ends one element: "ARRAY_INDEX". One that has ended already is fine. */
export async function cancelElement(element: string): Promise<void> {
  await run("scancel", ["--quiet", element], {
    purpose: "cancel a job that is held",
    timeLimit_s: answerLimit_s,
    accept: [1],
  });
}

/** Names of the nodes that jobs could go to. */
export async function nodesOf(partition: string | undefined): Promise<string[]> {
  const where = partition === undefined ? [] : [`--partition=${partition}`];
  const { stdout } = await run("sinfo", ["--noheader", "--Node", "--format=%N", ...where], {
    purpose: "ask Slurm for its nodes",
    timeLimit_s: answerLimit_s,
  });
  return [...new Set(stdout.split("\n").map((line) => line.trim()).filter((name) => name !== ""))];
}

/** Nodes not to be used: those named, as long as others are left. */
export async function leftOut(
  nodes: readonly string[],
  partition: string | undefined,
): Promise<readonly string[]> {
  if (nodes.length === 0) return nodes;
  const all = await nodesOf(partition);
  return all.every((node) => nodes.includes(node)) ? [] : nodes;
}
