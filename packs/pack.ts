// SPDX-License-Identifier: Apache-2.0
/**
 * `lab pack`: one archive of a run that others can check without the lab, without building anything
 * and without trusting whoever made it.
 */
import { join } from "@std/path";
import { openDatabase, writeParquet, writeReport } from "../analysis/mod.ts";
import { findDamage } from "../bench/damage.ts";
import { inputChanges, inWords } from "../bench/input_changes.ts";
import { crossLevels, requireExperiment } from "../bench/experiment.ts";
import { plan } from "../bench/plan.ts";
import type { Settings } from "../contract/settings.ts";
import type { Trial } from "../contract/trial.ts";
import type { EmulatedHost } from "../hosts/emulated/host.ts";
import { emulatorOf } from "../hosts/emulated/host_boot.ts";
import { provideEmulated } from "../hosts/emulated/mod.ts";
import type { RunFolder } from "../bench/run_folder.ts";
import { runFileName, sealed, type TrialEntry } from "../contract/run_file.ts";
import { withScratch } from "../store/cache.ts";
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists, removeIfThere, requireSpace } from "../base/files.ts";
import { writing } from "../base/full_disk.ts";
import type { Report } from "../base/report.ts";
import { writeArchive } from "./archive.ts";
import { packBinaries } from "./binaries.ts";
import { citationOf } from "./citation.ts";
import { crateName, crateOf } from "./crate.ts";
import { copyInto, writeInto } from "./files.ts";
import { packLicences } from "./licences.ts";
import { requireNothingPrivate } from "./private.ts";
import { readmeOf } from "./readme.ts";
import { packReplay, replayOf } from "./replay.ts";
import { packSources, sourcesOf } from "./sources.ts";

export const sumsName = "SHA256SUMS";

/** Kernels, emulator and images lie there unpacked while the archive is written. */
const room_mib = 600;

export interface PackOptions {
  /** Puts the source packages of kernels and emulator in as well. */
  complete: boolean;
  report: Report;
}

/**
 * Packs a run.
 *
 * @param path where the archive goes.
 * @throws {LabError} if the run is not finished or not exact, is damaged, or if what it ran on is not
 * what can be built here.
 */
export async function packRun(
  folder: RunFolder,
  path: string,
  { complete, report }: PackOptions,
): Promise<void> {
  const { record } = folder;
  requireFinished(folder);
  await requireSound(folder);
  await requireExperiment(record.experiment);
  const settings = crossLevels(record.experiment.factors);
  requireReplayable(record.run, settings);
  const { host } = await provideEmulated({ settings, slots: 1, fork: false, report });
  const trials = requireSameParts(folder, host);
  await requireSpace(folder.dir, room_mib, `pack ${record.run}`);
  await withScratch(`pack-${crypto.randomUUID().slice(0, 8)}`, async (stage) => {
    report("analysing the records");
    await packResults(folder, stage);
    report("copying binaries and sources");
    await packBinaries(host, stage);
    await packReplay(await replayOf(trials, host.parts), stage);
    const { kernel = [], workload = [] } = record.experiment.factors;
    const lines = new Set([...kernel.map(String), ...host.parts.guestKernels.keys()]);
    const sources = await sourcesOf([...lines].sort(), workload.map(String));
    await packSources(sources, stage, complete);
    await packLicences(sources, stage, complete);
    await writeInto(join(stage, "reproduce"), await textOf("reproduce.sh"), true);
    await writeInto(join(stage, "cage"), await textOf("../hosts/emulated/cage.sh"));
    await writeInto(join(stage, "README.md"), readmeOf(record));
    await writeInto(join(stage, "CITATION.cff"), citationOf(record));
    await writeInto(join(stage, crateName), await crateOf(record, stage));
    await writeInto(join(stage, sumsName), await sumsOf(stage));
    await requireNothingPrivate(stage);
    report("compressing");
    /* Another run may have the same name, in another place. */
    const draft = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
    try {
      await writing(draft, () => writeArchive(draft, stage, record.run));
      await Deno.rename(draft, path);
    } finally {
      await removeIfThere(draft);
    }
  });
}

function requireFinished({ record }: RunFolder): void {
  const { run, mode, finished, trials } = record;
  if (mode !== "exact") {
    throw new LabError(
      `Cannot pack ${run}: it was measured in ${mode} mode, so its trials cannot be carried out again`,
      "Pack a run of the emulated host",
    );
  }
  const waiting = trials.filter(({ status }) => status === "waiting").length;
  if (finished !== null && waiting === 0) return;
  throw new LabError(
    `Cannot pack ${run}: it is not finished, ${waiting} of ${trials.length} trials wait`,
    `Finish it first: ./lab run --resume ${run}`,
  );
}

/** The script of a pack knows how to call one emulator. */
function requireReplayable(run: string, settings: readonly Settings[]): void {
  const other = settings.find((one) => emulatorOf(one) !== "QEMU");
  if (other === undefined) return;
  throw new LabError(
    `Cannot pack ${run}: its trials with mmu=${other.mmu} run in Bochs, and a pack brings QEMU alone`,
    `Whoever has the lab repeats them from the run's folder: ./lab verify ${run}`,
  );
}

/** What is damaged here would be damaged for everybody. Failed trials are part of a run. */
async function requireSound(folder: RunFolder): Promise<void> {
  const { run, trials } = folder.record;
  const failed = trials.filter(({ status }) => status === "failed").map(({ id }) => id);
  const [damage] = (await findDamage(folder)).filter(({ what }) => !failed.includes(what));
  if (damage === undefined) return;
  throw new LabError(
    `Cannot pack ${run}: ${damage.what} is damaged: ${damage.damage}`,
    `Repair it: ./lab run --resume ${run}`,
  );
}

/** The finished trials, each with the plan that made it. */
function requireSameParts(
  { record }: RunFolder,
  host: EmulatedHost,
): { trial: Trial; entry: TrialEntry }[] {
  const changed = inputChanges(record.inputs, host.described.inputs).map(inWords);
  const byIdentity = new Map(
    plan(record.experiment, (settings) => host.inputsOf(settings)).map((
      trial,
    ) => [trial.identity, trial]),
  );
  const finished = record.trials.filter(({ status }) => status === "done");
  const found = finished.flatMap((entry) => {
    const trial = byIdentity.get(entry.identity);
    return trial === undefined ? [] : [{ trial, entry }];
  });
  if (changed.length === 0 && found.length === finished.length) return found;
  throw new LabError(
    `Cannot pack ${record.run}: what it ran on is not what is built here. Changed: ` +
      (changed.join("; ") || "the format of trials"),
    "Check out the revision in its run.json, or make the run again",
  );
}

/** Records and what follows from them; nothing else that may lie in the run's folder. */
async function packResults(folder: RunFolder, stage: string): Promise<void> {
  /* Names of person and machine are in it only when they were asked for. */
  const record = { ...folder.record, names: null };
  await writeInto(join(stage, runFileName), sealed(record));
  for (const { records } of folder.record.trials) {
    const source = join(folder.dir, records);
    if (await exists(source)) await copyInto(source, join(stage, records));
  }
  await writeReport(stage);
  const database = await openDatabase(stage);
  try {
    await writeParquet(database, join(stage, "data"));
  } finally {
    database.close();
  }
}

function textOf(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, import.meta.url));
}

/** As sha256sum(1) writes and checks it, over every file that is there. */
async function sumsOf(stage: string): Promise<string> {
  const files = await filesBelow(stage);
  const lines = await Promise.all(
    files.map(async (path) => `${await sha256OfFile(join(stage, path))}  ${path}\n`),
  );
  return lines.join("");
}
