/**
 * A run's folder: `run.json`, written again after each trial, and a file of records a trial.
 * `asked.json` is run.json as it was before the first trial: what a damaged one is made from again.
 */
import { join } from "@std/path";
import { type Json, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists, writeAtomically } from "../base/files.ts";
import type { Report } from "../base/report.ts";
import type { Experiment } from "./experiment.ts";
import type { Input, Trial } from "../contract/trial.ts";
import type { Names } from "./provenance.ts";
import type { Settings } from "./settings.ts";

export const reportsDir = join(import.meta.dirname!, "..", "reports");

export interface TrialEntry {
  id: string;
  identity: string;
  block: number;
  settings: Settings;
  status: "waiting" | "done" | "failed";
  reason: string | null;
  records: string;
  digest: string | null;
  wall_s: number | null;
  phases_wall_s: Record<string, number>;
  /** Executed by the emulated host, from its first to its last. */
  instructions: number | null;
  /** The run that measured it, where this one did not. */
  reused_from: string | null;
}

/** What `run.json` holds. Nothing but `names` names the user, the machine or a path. */
export interface RunRecord {
  format: 1;
  run: string;
  experiment: Experiment;
  mode: "exact" | "hardware";
  host: string;
  started: string;
  finished: string | null;
  command: string[];
  git: { revision: string; clean: boolean } | null;
  inputs: Record<string, Input>;
  drift: boolean;
  versions: Record<string, string>;
  machine: Record<string, string | number>;
  /** Only when it was asked for with --with-names. */
  names: Names | null;
  jobs: number;
  /** No trial was to be taken from other runs. */
  fresh: boolean;
  timings_s: Record<string, number>;
  digest: string | null;
  trials: TrialEntry[];
}

/** A name that sorts by time and is free: "smoke-20261124-113000". */
export async function newRunName(experiment: string, now: Date): Promise<string> {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  for (let attempt = 1;; attempt++) {
    const name = `${experiment}-${stamp}${attempt === 1 ? "" : `-${attempt}`}`;
    if (!await exists(join(reportsDir, name))) return name;
  }
}

/** The folder of a run that exists, by its name or its path. */
export async function findRun(run: string): Promise<string> {
  for (const dir of [run, join(reportsDir, run)]) {
    if (await exists(join(dir, "run.json"))) return dir;
  }
  const names: string[] = [];
  if (await exists(reportsDir)) {
    for await (const { name } of Deno.readDir(reportsDir)) {
      if (await exists(join(reportsDir, name, "run.json"))) names.push(name);
    }
  }
  throw new LabError(
    `Cannot find the run "${run}": there is no reports/${run}/run.json`,
    names.length === 0
      ? "There are no runs yet: ./lab run smoke"
      : `Runs: ${names.sort().slice(-10).join(", ")}`,
  );
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
    records: `trials/${id}.jsonl`,
    digest: null,
    wall_s: null,
    phases_wall_s: {},
    instructions: null,
    reused_from: null,
  };
}

export class RunFolder {
  readonly dir: string;
  readonly record: RunRecord;

  private constructor(record: RunRecord, dir = join(reportsDir, record.run)) {
    this.record = record;
    this.dir = dir;
  }

  static async create(record: RunRecord, dir?: string): Promise<RunFolder> {
    const folder = new RunFolder(record, dir);
    await Deno.mkdir(join(folder.dir, "trials"), { recursive: true });
    await writeRecord(join(folder.dir, askedName), record);
    await folder.save();
    return folder;
  }

  /**
   * A run that exists.
   *
   * @throws {DamagedRun} when its run.json cannot be read or is not as it was written.
   */
  static async open(dir: string): Promise<RunFolder> {
    return new RunFolder(await readRecord(join(dir, "run.json")), dir);
  }

  /**
   * A run that exists, to go on with it. Where run.json is damaged, what was asked takes its place:
   * all trials then wait, and those whose records are whole need not be done again.
   *
   * @throws {LabError} when neither can be read.
   */
  static async openOrRepair(dir: string, report: Report): Promise<RunFolder> {
    try {
      return await RunFolder.open(dir);
    } catch (error) {
      if (!(error instanceof DamagedRun) || !await exists(join(dir, askedName))) throw error;
      report(`${error.message}: going on from ${askedName}`, "warning");
      const folder = new RunFolder(await readRecord(join(dir, askedName)), dir);
      await folder.save();
      return folder;
    }
  }

  recordsPath(entry: TrialEntry): string {
    return join(this.dir, entry.records);
  }

  async save(): Promise<void> {
    await writeRecord(join(this.dir, "run.json"), this.record);
  }

  async finish(now: Date): Promise<void> {
    this.record.finished = now.toISOString();
    this.record.digest = runDigest(this.record.trials);
    await this.save();
  }
}

/** run.json cannot be read, or is not as the lab wrote it. */
export class DamagedRun extends LabError {}

const askedName = "asked.json";

/** Writes what `run.json` holds, and a checksum of it. */
export async function writeRecord(path: string, record: RunRecord): Promise<void> {
  const text = JSON.stringify({ ...record, checksum: checksumOf(record) }, null, 1);
  await writeAtomically(path, text + "\n");
}

/** Of the record's content, so that a changed byte is noticed. */
function checksumOf(record: RunRecord): string {
  return sha256OfJson(record as unknown as Json);
}

async function readRecord(path: string): Promise<RunRecord> {
  let read: RunRecord & { checksum?: string };
  try {
    read = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    throw new DamagedRun(
      `Cannot read ${path}: ${(error as Error).message}`,
      "./lab run --resume RUN repairs a damaged run.json",
    );
  }
  const { checksum, ...record } = read;
  if (checksum !== undefined && checksum !== checksumOf(record)) {
    throw new DamagedRun(
      `Cannot trust ${path}: it is not as the lab wrote it (its checksum differs)`,
      "./lab run --resume RUN makes it again from the records",
    );
  }
  return record;
}

/** Digest over the trials' records, whatever the order in which they ran. */
export function runDigest(trials: readonly TrialEntry[]): string {
  return sha256OfJson(
    trials.map(({ identity, status, digest }) => `${identity} ${digest ?? status}`).sort(),
  );
}
