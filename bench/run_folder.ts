/** A run's folder: `run.json`, written again after each trial, and a file of records a trial. */
import { join } from "@std/path";
import { sha256OfJson } from "../support/digest.ts";
import { LabError } from "../support/errors.ts";
import { exists, writeAtomically } from "../support/files.ts";
import type { Experiment } from "./experiment.ts";
import type { Trial } from "./plan.ts";
import type { Settings } from "./settings.ts";

export const reportsDir = join(import.meta.dirname!, "..", "reports");

export interface Input {
  digest: string;
  version: string;
}

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
}

/** What `run.json` holds. Nothing in it names the user, the machine's name or a path. */
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
  machine: Record<string, string | number>;
  jobs: number;
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
  };
}

export class RunFolder {
  readonly dir: string;
  readonly record: RunRecord;

  private constructor(record: RunRecord, dir = join(reportsDir, record.run)) {
    this.record = record;
    this.dir = dir;
  }

  static async create(record: RunRecord): Promise<RunFolder> {
    const folder = new RunFolder(record);
    await Deno.mkdir(join(folder.dir, "trials"), { recursive: true });
    await folder.save();
    return folder;
  }

  /**
   * A run that exists, to go on with it.
   *
   * @throws {LabError} when its run.json cannot be read.
   */
  static async open(dir: string): Promise<RunFolder> {
    try {
      return new RunFolder(JSON.parse(await Deno.readTextFile(join(dir, "run.json"))), dir);
    } catch (error) {
      throw new LabError(`Cannot read ${dir}/run.json: ${(error as Error).message}`);
    }
  }

  recordsPath(entry: TrialEntry): string {
    return join(this.dir, entry.records);
  }

  async save(): Promise<void> {
    await writeAtomically(join(this.dir, "run.json"), JSON.stringify(this.record, null, 1) + "\n");
  }

  async finish(now: Date): Promise<void> {
    this.record.finished = now.toISOString();
    this.record.digest = runDigest(this.record.trials);
    await this.save();
  }
}

/** Digest over the trials' records, whatever the order in which they ran. */
export function runDigest(trials: readonly TrialEntry[]): string {
  return sha256OfJson(
    trials.map(({ identity, status, digest }) => `${identity} ${digest ?? status}`).sort(),
  );
}
