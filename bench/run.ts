// SPDX-License-Identifier: Apache-2.0
/** An experiment from its file to its report. */
import { writeReport } from "../analysis/mod.ts";
import { basename, join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { removeIfThere } from "../base/files.ts";
import { goOnUnlessInterrupted, interruption } from "../base/interruption.ts";
import { machineError } from "../base/machine_error.ts";
import { reportToStderr } from "../base/report.ts";
import { requireWritable } from "../base/writable.ts";
import type { Trial } from "../contract/trial.ts";
import { hostKind, type Provision, requireNoObjection } from "../hosts/kinds.ts";
import { crossLevels, type Experiment, readExperiment, requireExperiment } from "./experiment.ts";
import { leastEffectInWords, orderSeed, shuffledBlocks } from "./hardware_order.ts";
import { plan } from "./plan.ts";
import { type Display, displayFor } from "./progress.ts";
import { describeRunMachine, gitRevision, names, publicCommand, versions } from "./provenance.ts";
import type { RunRequest } from "./request.ts";
import { remainingTrials } from "./resume.ts";
import { reuseTrials } from "./reuse.ts";
import { claimRun, findRun, holdRun, reportsDir, RunFolder, waitingEntry } from "./run_folder.ts";
import type { RunFile, TrialEntry } from "../contract/run_file.ts";
import { isStopped, schedule } from "./schedule.ts";
import { printTimings, timings } from "./timings.ts";

/**
 * Runs an experiment, or goes on with a run, to its report.
 *
 * @returns the run's folder; trials may have failed, and where none may, others still wait
 * @throws {LabError} for anything that is wrong with the request or the machine.
 */
export async function runExperiment(request: RunRequest): Promise<RunFolder> {
  const began_ms = performance.now();
  return request.resume === undefined
    ? await begin(request, began_ms)
    : await goOn(request.resume, request, began_ms);
}

async function begin(request: RunRequest, began_ms: number): Promise<RunFolder> {
  const experiment = await readAsked(request);
  const prepared = await prepare(experiment, request.host, request, began_ms);
  const run = await claimRun(experiment.name, new Date());
  const dir = join(reportsDir, run);
  await using _held = await holdRun(dir, "run");
  let folder: RunFolder;
  try {
    const record = await newRecord(run, experiment, prepared.trials, prepared.provision, request);
    folder = await RunFolder.create(record);
  } catch (error) {
    await removeIfThere(dir);
    throw error;
  }
  return await sayingHowToGoOn(
    folder,
    () => finish(folder, prepared.trials, prepared, request, began_ms),
  );
}

async function goOn(name: string, request: RunRequest, began_ms: number): Promise<RunFolder> {
  const dir = await findRun(name);
  await requireWritable(dir, `go on with ${basename(dir)}`);
  await using _held = await holdRun(dir, "run --resume");
  const folder = await RunFolder.openOrRepair(dir, reportToStderr);
  return await sayingHowToGoOn(folder, async () => {
    const { experiment, host } = folder.record;
    await requireExperiment(experiment);
    const prepared = await prepare(experiment, sameKind(host, request.host), request, began_ms);
    const { trials, provision } = prepared;
    const remaining = await remainingTrials(folder, trials, provision.inputs, reportToStderr);
    if (request.fresh) folder.record.fresh = true;
    return await finish(folder, remaining, prepared, request, began_ms);
  });
}

/** run.json says of what kind a run's hosts are, and not where: an address names a person's machine. */
function sameKind(kind: string, asked: string): string {
  return asked.startsWith(`${kind}://`) ? asked : kind;
}

/** Hosts, and all trials of an experiment. */
interface Prepared {
  provision: Provision;
  trials: Trial[];
  /** Wall time it took. */
  build_s: number;
}

async function prepare(
  experiment: Experiment,
  host: string,
  { jobs, fork, on }: RunRequest,
  began_ms: number,
): Promise<Prepared> {
  const kind = await hostKind(host);
  const settings = crossLevels(experiment.factors);
  requireNoObjection(kind, settings);
  const provision = await kind.provide({ settings, slots: jobs, fork, on, report: reportToStderr });
  const build_s = (performance.now() - began_ms) / 1000;
  const trials = plan(experiment, provision.inputsOf);
  if (provision.exact) return { provision, trials, build_s };
  const seed = orderSeed(experiment);
  reportToStderr(`Measured in time. Blocks in an order drawn by the seed ${seed}`);
  reportToStderr(leastEffectInWords(trials));
  return { provision, trials: shuffledBlocks(trials, seed), build_s };
}

/** Carries out what has not been measured before, to the report. */
async function finish(
  folder: RunFolder,
  asked: readonly Trial[],
  { provision, build_s }: Prepared,
  request: RunRequest,
  began_ms: number,
): Promise<RunFolder> {
  const trials = await reuseTrials(folder, asked, reportToStderr);
  const display = displayFor();
  display.say(`${folder.record.run}: ${trials.length} trials, ${provision.fleet.slots} at a time`);
  const trialsBegan_ms = performance.now();
  await schedule(trials, folder, {
    ...{ fleet: provision.fleet, display, signal: interruption, strict: request.strict },
    onEnded: firstLook(folder, display),
  });
  goOnUnlessInterrupted(`the trials that had finished are in reports/${folder.record.run}`);
  const trials_s = (performance.now() - trialsBegan_ms) / 1000;
  folder.record.timings_s = timings(folder.record.trials, {
    ...{ build_s, built_s: provision.built_s, trials_s },
  });
  const stopped = isStopped(folder, request) &&
    folder.record.trials.some(({ status }) => status === "waiting");
  await (stopped ? folder.save() : folder.finish(new Date()));

  const { seconds, problems } = await writeReport(folder.dir);
  for (const { message } of problems) console.error(`Warning: ${message}`);
  const total_s = (performance.now() - began_ms) / 1000;
  printTimings({ ...folder.record.timings_s, analysis: seconds, total: total_s });
  return folder;
}

/** From when a run has its folder nothing that was measured is lost, and no error says less. */
async function sayingHowToGoOn<T>({ record }: RunFolder, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = machineError(error);
    if (reason === undefined) throw error;
    const resume = `To go on: ./lab run --resume ${record.run}`;
    const next = reason.next === undefined ? resume : `${reason.next}\n${resume}`;
    throw new LabError(reason.message, next, { cause: error });
  }
}

/** The experiment that is asked for, with the levels that take the place of its own. */
export async function readAsked(request: RunRequest): Promise<Experiment> {
  const { experiment, overrides, trace } = request;
  if (experiment === undefined) throw new Error("a run that is resumed has its experiment");
  return await readExperiment(experiment, trace ? { ...overrides, observe: ["trace"] } : overrides);
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
    if (written) return;
    const waiting = record.trials.filter(({ status }) => status === "waiting");
    if (waiting.length === 0 || waiting.some((entry) => entry.block === block)) return;
    written = true;
    try {
      await writeReport(dir);
    } catch (error) {
      const reason = machineError(error);
      if (reason === undefined) throw error;
      display.say(`Warning: no first look: ${reason.message}`);
      return;
    }
    const ended = record.trials.length - waiting.length;
    display.say(
      `First look, ${ended} of ${record.trials.length} trials: reports/${record.run}/index.html`,
    );
  };
}

/** What run.json says of a run of that name before its first trial. */
export async function newRecord(
  run: string,
  experiment: Experiment,
  trials: readonly Trial[],
  { exact, host, inputs, drift, machine }: Provision,
  { jobs, fresh, withNames, command }: RunRequest,
): Promise<RunFile> {
  return {
    ...{ format: 2, run, experiment },
    mode: exact ? "exact" : "hardware",
    host,
    started: new Date().toISOString(),
    finished: null,
    command: publicCommand(command),
    git: await gitRevision(),
    inputs,
    drift,
    versions: versions(),
    machine: { ...(machine ?? await describeRunMachine()) },
    names: withNames ? await names() : null,
    jobs,
    fresh,
    timings_s: {},
    digest: null,
    trials: trials.map(waitingEntry),
  };
}
