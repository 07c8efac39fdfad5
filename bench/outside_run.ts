// SPDX-License-Identifier: Apache-2.0
/** A run whose one trial nobody carried out: its records were imported, or observed on somebody's host. */
import { join } from "@std/path";
import { sha256, sha256OfJson } from "../base/digest.ts";
import { removeIfThere } from "../base/files.ts";
import type { AnyRecord } from "../contract/record.ts";
import { type RunFile, runFormat } from "../contract/run_file.ts";
import { gitRevision, publicCommand, versions } from "./provenance.ts";
import { writeRecords } from "./records.ts";
import { claimRun, holdRun, reportsDir, RunFolder, waitingEntry } from "./run_folder.ts";

/** What becomes a run. */
export interface OutsideRun {
  /** What its name begins with. */
  name: string;
  mode: "imported" | "observed";
  title: string;
  question: string;
  /** Kind of host, as run.json has it. */
  host: string;
  records: readonly AnyRecord[];
  /** What is known of the host's settings. */
  settings: Readonly<Record<string, string | number>>;
  /** What went in, by name: digest and what it is. */
  inputs: RunFile["inputs"];
  /** Of the machine it was observed on. */
  machine: RunFile["machine"];
  started: Date;
  command: readonly string[];
}

/** What such guests do, and how they were started, is not known. */
const workload = "unknown";

/**
 * Writes the run's folder, whole or not at all.
 *
 * @param parent where; reports/ if not given
 * @returns the folder
 */
export async function writeOutsideRun(
  outside: OutsideRun,
  parent = reportsDir,
): Promise<RunFolder> {
  const run = await claimRun(outside.name, new Date(), parent);
  const dir = join(parent, run);
  try {
    await using _held = await holdRun(dir, outside.mode === "imported" ? "import" : "observe");
    return await write(outside, run, dir);
  } catch (error) {
    await removeIfThere(dir);
    throw error;
  }
}

async function write(outside: OutsideRun, run: string, dir: string): Promise<RunFolder> {
  const { mode, title, question, host, inputs, machine, command, started } = outside;
  const text = outside.records.map((record) => `${JSON.stringify(record)}\n`).join("");
  const records = new TextEncoder().encode(text);
  const settings = { workload, seed: 0, ...outside.settings };
  const identity = sha256OfJson({ mode, records: sha256(records) });
  const entry = waitingEntry({
    ...{ id: mode, identity, block: 0, phases: [] },
    /* Of most settings nothing is known. */
    settings: settings as unknown as Parameters<typeof waitingEntry>[0]["settings"],
  });
  const folder = await RunFolder.create({
    ...{ format: runFormat, run, mode, host, inputs, machine: { ...machine }, drift: false },
    experiment: { name: mode, title, question, factors: {}, phases: [] },
    ...{ started: started.toISOString(), finished: null, command: publicCommand(command) },
    ...{ git: await gitRevision(), versions: versions(), names: null, jobs: 1, fresh: true },
    ...{ timings_s: {}, digest: null, trials: [entry] },
  }, dir);
  const written = await writeRecords(folder.recordsPath(entry), records, true);
  Object.assign(entry, { status: "done", digest: written.digest });
  await folder.finish(new Date());
  return folder;
}
