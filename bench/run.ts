// SPDX-License-Identifier: Apache-2.0
/** An experiment from its file to its report. */
import { writeReport } from "../analysis/mod.ts";
import { LabError, machineError } from "../base/errors.ts";
import { reportToStderr } from "../base/report.ts";
import type { Trial } from "../contract/trial.ts";
import { hostKind, type Provision, requireNoObjection } from "../hosts/kinds.ts";
import { crossLevels, type Experiment, readExperiment } from "./experiment.ts";
import { plan } from "./plan.ts";
import { type Display, displayFor } from "./progress.ts";
import { describeRunMachine, gitRevision, names, publicCommand, versions } from "./provenance.ts";
import type { RunRequest } from "./request.ts";
import { remainingTrials } from "./resume.ts";
import { reuseTrials } from "./reuse.ts";
import { findRun, newRunName, RunFolder, waitingEntry } from "./run_folder.ts";
import type { RunFile, TrialEntry } from "../contract/run_file.ts";
import { schedule } from "./schedule.ts";
import { printTimings, timings } from "./timings.ts";

/**
 * Runs an experiment, or goes on with a run, to its report.
 *
 * @returns the run's folder; trials may have failed
 * @throws {LabError} for anything that is wrong with the request or the machine.
 */
export async function runExperiment(request: RunRequest): Promise<RunFolder> {
  const began_ms = performance.now();
  const resumed = request.resume !== undefined
    ? await RunFolder.openOrRepair(await findRun(request.resume), reportToStderr)
    : undefined;
  const experiment = resumed?.record.experiment ?? await readAsked(request);
  const kind = await hostKind(resumed?.record.host ?? request.host);
  const settings = crossLevels(experiment.factors);
  requireNoObjection(kind, settings);
  const provision = await kind.provide({
    ...{ settings, slots: request.jobs, fork: request.fork, report: reportToStderr },
  });
  const build_s = (performance.now() - began_ms) / 1000;
  const all = plan(experiment, provision.inputsOf);

  const folder = resumed ??
    await RunFolder.create(await newRecord(experiment, all, provision, request));
  const asked = resumed === undefined
    ? all
    : await remainingTrials(folder, all, provision.inputs, reportToStderr);
  if (resumed !== undefined && request.fresh) folder.record.fresh = true;
  const trials = await reuseTrials(folder, asked, reportToStderr);
  const interrupted = new AbortController();
  const stop = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  const display = displayFor();
  display.say(`${folder.record.run}: ${trials.length} trials, ${provision.fleet.slots} at a time`);
  const trialsBegan_ms = performance.now();
  try {
    await schedule(trials, folder, {
      fleet: provision.fleet,
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
  printTimings(
    { ...folder.record.timings_s, analysis: seconds, total: total_s },
    provision.built_s,
  );
  return folder;
}

async function readAsked(request: RunRequest): Promise<Experiment> {
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

/** What run.json says of a run before its first trial. */
export async function newRecord(
  experiment: Experiment,
  trials: readonly Trial[],
  { exact, host, inputs, drift }: Provision,
  { jobs, fresh, withNames, command }: RunRequest,
): Promise<RunFile> {
  const now = new Date();
  return {
    format: 2,
    run: await newRunName(experiment.name, now),
    experiment,
    mode: exact ? "exact" : "hardware",
    host,
    started: now.toISOString(),
    finished: null,
    command: publicCommand(command),
    git: await gitRevision(),
    inputs,
    drift,
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
