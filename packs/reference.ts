// SPDX-License-Identifier: Apache-2.0
/**
 * The reference run: the experiment `default` as it was last measured on purpose, committed in
 * `reports/reference/`. It is held against every change of the lab: trials that give other records
 * fail the tests until somebody looks at what moved and makes the new results the reference.
 */
import { isDeepStrictEqual } from "node:util";
import { join } from "@std/path";
import { readExperiment } from "../bench/experiment.ts";
import { findDamage } from "../bench/damage.ts";
import { inexactBecause } from "../contract/exact.ts";
import { reportsDir, RunFolder } from "../bench/run_folder.ts";
import { type RunFile, writeRunFile } from "../contract/run_file.ts";
import { withScratch } from "../store/cache.ts";
import { filesBelow } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists, removeIfThere } from "../base/files.ts";
import { readArchive, writeArchive } from "./archive.ts";
import { copyInto } from "./files.ts";
import { referenceName } from "./names.ts";
import { requireNothingPrivate } from "./private.ts";

/** The experiment it is a run of. */
export const referenceExperiment = "default";

export const referenceDir = join(reportsDir, referenceName);

/** run.json under another name: this folder holds the records packed, and is no run's folder. */
const recordName = "reference.json";
const recordsName = "records.tar.zst";

/** What of a run people read in a commit; the data in the charts' own files are those of the tables. */
const isShown = (name: string) => /^tables\/[\w-]+\.csv$|^figures\/[\w-]+\.svg$/.test(name);

/** Far beyond what the records of eighteen trials take. */
const limits = { members: 1000, folders: 10, depth: 3, bytes: 2 ** 30 };

/** Whether there is a reference yet. */
export function hasReference(dir = referenceDir): Promise<boolean> {
  return exists(join(dir, recordName));
}

/**
 * Unpacks the reference into the cache, as the folder of a run, for as long as `use` takes.
 *
 * @throws {LabError} if there is none, or it is damaged.
 */
export async function withReference<T>(
  use: (folder: RunFolder) => Promise<T>,
  dir = referenceDir,
): Promise<T> {
  if (!await hasReference(dir)) {
    throw new LabError(
      "Cannot use the reference: there is no reports/reference/reference.json",
      "It comes with the lab's own repository; ./lab reference update makes one",
    );
  }
  return await withScratch(`reference-${crypto.randomUUID().slice(0, 8)}`, async (scratch) => {
    await readArchive(join(dir, recordsName), scratch, limits);
    await Deno.copyFile(join(dir, recordName), join(scratch, "run.json"));
    return await use(await RunFolder.open(scratch));
  });
}

/**
 * Makes a run the reference, in place of the one before.
 *
 * @throws {LabError} if the run is not a whole and exact one of the experiment as it is declared, or
 * names a folder of this machine. The reference then is what it was.
 */
export async function writeReference(folder: RunFolder, dir = referenceDir): Promise<void> {
  await requireFit(folder);
  const draft = `${dir}.part`;
  await removeIfThere(draft);
  try {
    await Deno.mkdir(draft, { recursive: true });
    /* The machine it was measured on says nothing: the results are the same on any. */
    await writeRunFile(join(draft, recordName), { ...folder.record, machine: {} });
    for (const name of (await filesBelow(folder.dir)).filter(isShown)) {
      await copyInto(join(folder.dir, name), join(draft, name));
    }
    await requireNothingPrivate(draft);
    await writeArchive(join(draft, recordsName), join(folder.dir, "trials"), "trials");
    await removeIfThere(dir);
    await Deno.rename(draft, dir);
  } finally {
    await removeIfThere(draft);
  }
}

async function requireFit(folder: RunFolder): Promise<void> {
  const { record } = folder;
  const declared = await readExperiment(referenceExperiment);
  const [damage] = await findDamage(folder);
  const obstacle = inexactBecause(record) ??
    (isDeepStrictEqual(record.experiment, declared)
      ? undefined
      : `it is not a run of ${referenceExperiment} as experiments/${referenceExperiment}.json has it`) ??
    (damage === undefined ? undefined : `${damage.what}: ${damage.damage}`) ??
    (record.names === null ? undefined : "it names a person and a machine");
  if (obstacle === undefined) return;
  throw new LabError(
    `Cannot make ${record.run} the reference: ${obstacle}`,
    "./lab reference update makes a run that can be",
  );
}

/** What the reference is, in a few lines. */
export function describeReference(record: RunFile): string {
  const { run, finished, git, digest, trials, inputs } = record;
  const revision = git === null
    ? "unknown"
    : git.revision + (git.clean ? "" : " and changes to it");
  return [
    `${run}, measured until ${finished} at revision ${revision}`,
    `${trials.length} trials, digest ${digest}`,
    ...Object.entries(inputs).map(([name, { version, digest }]) => {
      const short = version.length > 60 ? "" : ` ${version}`;
      return `  ${name}${short} (${digest.slice(0, 12)})`;
    }),
  ].join("\n");
}
