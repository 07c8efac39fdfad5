// SPDX-License-Identifier: Apache-2.0
import { isPack, referenceName } from "../packs/names.ts";
import { withPack } from "../packs/open.ts";
import { type Consent, foreign, knowPrograms, requireConsent } from "../packs/programs.ts";
import { withReference } from "../packs/reference.ts";
import { crossLevels, requireExperiment } from "../bench/experiment.ts";
import { findRun, RunFolder } from "../bench/run_folder.ts";
import { DamagedRun } from "../contract/run_file.ts";
import type { EmulatedHost } from "../hosts/emulated/host.ts";
import { provisionOf } from "../hosts/emulated/mod.ts";
import { hostKind } from "../hosts/kinds.ts";
import { type VerifyOptions, verifyRun } from "../bench/verify.ts";
import { reportToStderr } from "../base/report.ts";

export interface VerifyRequest extends Omit<VerifyOptions, "foreign">, Consent {
  /** A run's name or folder, a pack, or the reference. */
  run: string;
  /** Trials at a time. */
  jobs: number;
}

/**
 * `lab verify RUN`: does each trial, done again, give the same records? Of a pack the trials are
 * carried out on the binaries in it. `lab verify reference` asks it of the committed reference run.
 *
 * @returns 0, or 1 when anything differs.
 * @throws {LabError} when there is no such run, or it cannot be carried out here.
 */
export async function verify(
  { run, jobs, trustPrograms, ownEmulator, ...options }: VerifyRequest,
): Promise<number> {
  if (isPack(run)) {
    const consent = { trustPrograms, ownEmulator };
    return await withPack(
      run,
      (folder, host) => verifyPacked(folder, host, jobs, consent, options),
    );
  }
  if (run === referenceName) {
    return await withReference((folder) => verifyBuilt(folder, jobs, options));
  }
  const folder = await openRun(run);
  return folder === undefined ? 1 : await verifyBuilt(folder, jobs, options);
}

/** On what is in the pack, and whose that is. */
async function verifyPacked(
  folder: RunFolder,
  packed: EmulatedHost,
  jobs: number,
  consent: Consent,
  options: VerifyOptions,
): Promise<number> {
  const { run, experiment } = folder.record;
  await requireExperiment(experiment);
  const settings = crossLevels(experiment.factors);
  const { host, programs } = await knowPrograms(
    packed,
    settings,
    consent.ownEmulator,
    reportToStderr,
  );
  await requireConsent(run, programs, consent, reportToStderr);
  return await verifyRun(folder, provisionOf(host, jobs), {
    ...options,
    foreign: foreign(programs),
  });
}

/** On what is built here. */
async function verifyBuilt(
  folder: RunFolder,
  jobs: number,
  options: VerifyOptions,
): Promise<number> {
  const { host, experiment } = folder.record;
  await requireExperiment(experiment);
  const settings = crossLevels(experiment.factors);
  const kind = await hostKind(host);
  const provision = await kind.provide({
    ...{ settings, slots: jobs, fork: true, report: reportToStderr },
  });
  return await verifyRun(folder, provision, options);
}

/** Nothing when its run.json is damaged: what cannot be read has not been verified. */
async function openRun(name: string): Promise<RunFolder | undefined> {
  try {
    return await RunFolder.open(await findRun(name));
  } catch (error) {
    if (!(error instanceof DamagedRun)) throw error;
    console.error(error.message);
    console.error(error.next);
    return undefined;
  }
}
