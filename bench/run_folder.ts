// SPDX-License-Identifier: Apache-2.0
/**
 * A run's folder: `run.json`, with the trials that have ended since it was written in `ended.jsonl`, and
 * a file of records a trial. `asked.json` is run.json as it was before the first trial: what a damaged one is made from again.
 */
import { basename, join, resolve } from "@std/path";
import { sha256OfJson } from "../base/digest.ts";
import { exists, removeIfThere } from "../base/files.ts";
import { writing } from "../base/full_disk.ts";
import { hold } from "../base/hold.ts";
import { NotAFile, readText } from "../base/regular_file.ts";
import { chosenRun } from "./run_names.ts";
import { refuseLinks } from "../base/links.ts";
import type { Report } from "../base/report.ts";
import { endedLine, endedName, withEnded } from "../contract/ended_trials.ts";
import {
  DamagedRun,
  parseRunFile,
  readEnded,
  recordsPath,
  type RunFile,
  runFileName,
  type TrialEntry,
  writeRunFile,
} from "../contract/run_file.ts";
import type { Trial } from "../contract/trial.ts";

export const reportsDir = join(import.meta.dirname!, "..", "reports");

/**
 * Makes the folder of a new run, which is nobody else's whatever begins at the same time: its name
 * sorts by time, "smoke-20261124-113000", and has a number behind it where that is taken.
 *
 * @returns the name
 */
export async function claimRun(
  experiment: string,
  now: Date,
  parent = reportsDir,
): Promise<string> {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  await Deno.mkdir(parent, { recursive: true });
  for (let attempt = 1;; attempt++) {
    const name = `${experiment}-${stamp}${attempt === 1 ? "" : `-${attempt}`}`;
    try {
      await Deno.mkdir(join(parent, name));
      return name;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

/** The file in a run's folder that says who writes into it. */
const lockName = "lock";

/**
 * Keeps all others from writing into a run's folder, until it is disposed of.
 *
 * @param verb who writes: the words after "lab"
 * @throws {LabError} when somebody else does; names process and verb.
 */
export function holdRun(dir: string, verb: string): Promise<AsyncDisposable> {
  return hold(join(dir, lockName), verb, `write to the run ${basename(resolve(dir))}`);
}

/** Names of all runs in reports/, in any order. */
export async function runNames(dir = reportsDir): Promise<string[]> {
  if (!await exists(dir)) return [];
  const names: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    if (await exists(join(dir, name, runFileName))) names.push(name);
  }
  return names;
}

/**
 * The folder of a run that exists, by its path, its name, the beginning of one, or "latest".
 *
 * @throws {LabError} when there is none, or several names begin like that.
 */
export async function findRun(run: string): Promise<string> {
  for (const dir of [run, join(reportsDir, run)]) {
    if (await exists(join(dir, runFileName))) return dir;
  }
  return join(reportsDir, chosenRun(run, await runNames()));
}

export function waitingEntry(trial: Trial): TrialEntry {
  const { id, identity, block, settings } = trial;
  return {
    id,
    identity,
    block,
    settings,
    status: "waiting",
    reason: null,
    records: recordsPath(id),
    digest: null,
    wall_s: null,
    phases_wall_s: {},
    instructions: null,
    reused_from: null,
  };
}

/** Sets an entry back: the trial is still to be carried out. */
export function waitAgain(entry: TrialEntry, trial: Trial): void {
  delete entry.disturbed;
  Object.assign(entry, waitingEntry(trial));
}

export class RunFolder {
  readonly dir: string;
  readonly record: RunFile;
  #entries: Map<string, TrialEntry> | undefined;

  private constructor(record: RunFile, dir = join(reportsDir, record.run)) {
    this.record = record;
    this.dir = dir;
  }

  static async create(record: RunFile, dir?: string): Promise<RunFolder> {
    const folder = new RunFolder(record, dir);
    await Deno.mkdir(join(folder.dir, "trials"), { recursive: true });
    await writeRunFile(join(folder.dir, askedName), record);
    await folder.save();
    return folder;
  }

  /**
   * A run that exists.
   *
   * @throws {DamagedRun} when its run.json cannot be read or is not as it was written.
   */
  static async open(dir: string): Promise<RunFolder> {
    return new RunFolder(await readWithEnded(dir, runFileName), dir);
  }

  /**
   * A run that exists, to go on with it. Where run.json is damaged, what was asked takes its place:
   * all trials then wait, and those whose records are whole need not be done again.
   *
   * @throws {LabError} when neither can be read.
   */
  static async openOrRepair(dir: string, report: Report): Promise<RunFolder> {
    await refuseLinks(dir, "go on with a run");
    try {
      return await RunFolder.open(dir);
    } catch (error) {
      if (!(error instanceof DamagedRun) || !await exists(join(dir, askedName))) throw error;
      report(`${error.message}: going on from ${askedName}`, "warning");
      const folder = new RunFolder(await readWithEnded(dir, askedName), dir);
      await folder.save();
      return folder;
    }
  }

  recordsPath(entry: TrialEntry): string {
    return join(this.dir, entry.records);
  }

  /** The entry of a trial, by its name. */
  entry(id: string): TrialEntry {
    this.#entries ??= new Map(this.record.trials.map((entry) => [entry.id, entry]));
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`the run has no trial ${id}`);
    return entry;
  }

  /** Writes all that is known into run.json. */
  async save(): Promise<void> {
    await writeRunFile(join(this.dir, runFileName), this.record);
    await removeIfThere(join(this.dir, endedName));
  }

  /**
   * Writes down how a trial ended: a line, whatever the number of trials.
   *
   * @throws {NoRoom} when the disk is full.
   */
  async saveTrial(entry: TrialEntry): Promise<void> {
    const path = join(this.dir, endedName);
    await writing(path, async () => {
      using file = await Deno.open(path, { append: true, create: true, read: true });
      const before = await file.seek(0, Deno.SeekMode.End);
      const bytes = new TextEncoder().encode(endedLine(entry));
      try {
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      } catch (error) {
        /* Half a line would take the next one with it. */
        await file.truncate(before);
        throw error;
      }
    });
  }

  async finish(now: Date): Promise<void> {
    this.record.finished = now.toISOString();
    this.record.digest = runDigest(this.record.trials);
    await this.save();
  }
}

const askedName = "asked.json";

/** A run.json, or what was asked, with all that has ended since. */
async function readWithEnded(dir: string, name: string): Promise<RunFile> {
  const ended = await readEnded(dir);
  const record = await readAs(dir, name);
  return ended === "" ? record : { ...record, trials: withEnded(record.trials, ended) };
}

async function readAs(dir: string, name: string): Promise<RunFile> {
  const path = join(dir, name);
  let text: string;
  try {
    text = await readText(path);
  } catch (error) {
    if (error instanceof NotAFile) throw new DamagedRun(error.message, error.next);
    throw new DamagedRun(
      `Cannot read ${path}: ${(error as Error).message}`,
      "./lab run --resume RUN repairs a damaged run.json",
    );
  }
  return parseRunFile(text, path);
}

/** Digest over the trials' records, whatever the order in which they ran. */
export function runDigest(trials: readonly TrialEntry[]): string {
  return sha256OfJson(
    trials.map(({ identity, status, digest }) => `${identity} ${digest ?? status}`).sort(),
  );
}
