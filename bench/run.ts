/** `lab run`: an experiment from its file to its report. */
import { writeReport } from "../analysis/mod.ts";
import { parseVerb } from "../cli/arguments.ts";
import { LabError, machineError } from "../base/errors.ts";
import { reportToStderr } from "../base/report.ts";
import { buildParts, type BuiltParts } from "./build.ts";
import { type Experiment, readExperiment } from "./experiment.ts";
import { parseOverrides } from "./overrides.ts";
import { plan, type Trial } from "./plan.ts";
import { type Display, displayFor } from "./progress.ts";
import { describeRunMachine, gitRevision, names, publicCommand, versions } from "./provenance.ts";
import { remainingTrials } from "./resume.ts";
import { reuseTrials } from "./reuse.ts";
import {
  findRun,
  newRunName,
  RunFolder,
  type RunRecord,
  type TrialEntry,
  waitingEntry,
} from "./run_folder.ts";
import { schedule } from "./schedule.ts";
import { printTimings, timings } from "./timings.ts";

interface Options {
  experiment: string;
  set: string[];
  jobs: number;
  json: boolean;
  /** Carry out every trial, also those that were measured before. */
  fresh: boolean;
  /** Record who ran it, on which machine and in which folder. */
  withNames: boolean;
  /** A run to go on with, instead of an experiment. */
  resume: string | undefined;
}

const mostJobs = 256;

const usage =
  "Usage: ./lab run [EXPERIMENT] [--set FACTOR=LEVEL,...] [--jobs N] [--host emulated] " +
  "[--trace] [--fresh] [--resume RUN] [--with-names] [--json]";

/** What the machine this runs on can bear and the person asked for. */
function readOptions(args: readonly string[]): Options {
  const parsed = parseVerb(args, {
    string: ["jobs", "host", "set", "resume"],
    boolean: ["json", "trace", "fresh", "with-names"],
    collect: ["set"],
    default: { host: "emulated", jobs: String(navigator.hardwareConcurrency) },
  }, usage);
  if (parsed._.length > 1) {
    throw new LabError("Cannot run more than one experiment at a time", usage);
  }
  if (parsed.host !== "emulated") {
    throw new LabError(
      `Cannot run on the host "${parsed.host}": trials run in the emulated host`,
      "Leave --host out; `./lab doctor` says what this machine can do",
    );
  }
  const jobs = Number(parsed.jobs);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > mostJobs) {
    throw new LabError(
      `Cannot run with --jobs ${parsed.jobs}: not a whole number from 1 to ${mostJobs}`,
    );
  }
  const set = (parsed.set as unknown[] | undefined ?? []).map(String);
  if (parsed.trace === true) set.push("observe=trace");
  if (parsed.resume !== undefined && (parsed._.length > 0 || set.length > 0)) {
    throw new LabError("Cannot resume with other settings: a run keeps those it began with", usage);
  }
  return {
    resume: parsed.resume as string | undefined,
    experiment: String(parsed._[0] ?? "default"),
    set,
    jobs,
    fresh: parsed.fresh === true,
    withNames: parsed["with-names"] === true,
    json: parsed.json === true,
  };
}

/**
 * Runs an experiment.
 *
 * @returns the exit status: 0, or 1 when a trial failed.
 * @throws {LabError} for anything that is wrong with the request or the machine.
 */
export async function runExperiment(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  return conclude(await carryOut(args, options), options.json);
}

/**
 * As {@linkcode runExperiment}, for who goes on with the run: gives its folder.
 */
export function runToEnd(args: readonly string[]): Promise<RunFolder> {
  return carryOut(args, readOptions(args));
}

async function carryOut(args: readonly string[], options: Options): Promise<RunFolder> {
  const began_ms = performance.now();
  const resumed = options.resume === undefined
    ? undefined
    : await RunFolder.openOrRepair(await findRun(options.resume), reportToStderr);
  const experiment = resumed?.record.experiment ??
    await readExperiment(options.experiment, parseOverrides(options.set));
  const parts = await buildParts(experiment.factors, reportToStderr);
  const build_s = (performance.now() - began_ms) / 1000;
  const all = plan(experiment, parts.inputsOf);

  const folder = resumed ??
    await RunFolder.create(await newRecord(experiment, all, parts, args, options));
  const asked = resumed === undefined
    ? all
    : await remainingTrials(folder, all, parts.inputs, reportToStderr);
  if (resumed !== undefined && options.fresh) folder.record.fresh = true;
  const trials = await reuseTrials(folder, asked, reportToStderr);
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  const display = displayFor();
  display.say(`${folder.record.run}: ${trials.length} trials, ${options.jobs} at a time`);
  const trialsBegan_ms = performance.now();
  try {
    await schedule(trials, folder, {
      jobs: options.jobs,
      partsOf: ({ settings }) => parts.partsOf(settings),
      display,
      signal: interrupted.signal,
      onEnded: firstLook(folder, display),
    });
  } catch (error) {
    const reason = error instanceof LabError ? error : machineError(error);
    if (reason === undefined) throw error;
    const goOn = `To go on: ./lab run --resume ${folder.record.run}`;
    throw new LabError(
      reason.message,
      reason.next === undefined ? goOn : `${reason.next}\n${goOn}`,
    );
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
    Deno.removeSignalListener("SIGTERM", stop);
  }
  if (interrupted.signal.aborted) {
    throw new LabError(
      `Interrupted: the trials that had finished are in reports/${folder.record.run}`,
      `To go on: ./lab run --resume ${folder.record.run}`,
    );
  }
  const trials_s = (performance.now() - trialsBegan_ms) / 1000;
  folder.record.timings_s = timings(folder.record.trials, { build_s, trials_s });
  await folder.finish(new Date());

  const { seconds, problems } = await writeReport(folder.dir);
  for (const { message } of problems) console.error(`Warning: ${message}`);
  const total_s = (performance.now() - began_ms) / 1000;
  printTimings({ ...folder.record.timings_s, analysis: seconds, total: total_s }, parts.built_s);
  return folder;
}

/**
 * Writes a first report as soon as the arms of a block can be compared: a long run has something
 * to show early on. The final one takes its place.
 */
function firstLook(
  { dir, record }: RunFolder,
  display: Display,
): (entry: TrialEntry) => Promise<void> {
  let written = false;
  return async ({ block }) => {
    const waiting = record.trials.filter(({ status }) => status === "waiting");
    if (written || waiting.length === 0 || waiting.some((entry) => entry.block === block)) return;
    written = true;
    try {
      await writeReport(dir);
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      display.say(`Warning: no first look: ${error.message}`);
      return;
    }
    const ended = record.trials.length - waiting.length;
    display.say(
      `First look, ${ended} of ${record.trials.length} trials: reports/${record.run}/index.html`,
    );
  };
}

async function newRecord(
  experiment: Experiment,
  trials: readonly Trial[],
  parts: BuiltParts,
  args: readonly string[],
  { jobs, fresh, withNames }: Options,
): Promise<RunRecord> {
  const now = new Date();
  return {
    format: 1,
    run: await newRunName(experiment.name, now),
    experiment,
    mode: "exact",
    host: "emulated",
    started: now.toISOString(),
    finished: null,
    command: ["run", ...publicCommand(args)],
    git: await gitRevision(),
    inputs: parts.inputs,
    drift: parts.drift,
    versions: versions(),
    machine: await describeRunMachine(),
    names: withNames ? await names() : null,
    jobs,
    fresh,
    timings_s: {},
    digest: null,
    trials: trials.map(waitingEntry),
  };
}

function conclude({ record }: RunFolder, json: boolean): number {
  const failed = record.trials.filter(({ status }) => status !== "done").length;
  const { run, digest, trials } = record;
  const reused = trials.filter(({ reused_from }) => typeof reused_from === "string").length;
  console.error(`Report: reports/${run}/index.html`);
  if (json) console.log(JSON.stringify({ run, trials: trials.length, failed, reused, digest }));
  else {
    const known = reused === 0 ? "" : ` (${reused} reused)`;
    console.log(
      `${run}: ${trials.length - failed} done${known}, ${failed} failed, digest ${digest}`,
    );
  }
  return failed === 0 ? 0 : 1;
}
