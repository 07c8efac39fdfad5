/** `lab verify RUN`: does each trial, done again, give the same records? */
import { pooledMap } from "@std/async";
import { parseVerb } from "../support/arguments.ts";
import { withScratch } from "../support/cache.ts";
import { sha256 } from "../support/digest.ts";
import { LabError } from "../support/errors.ts";
import { reportToStderr } from "../support/report.ts";
import { buildParts, type BuiltParts } from "./build.ts";
import { runEmulated } from "./emulated.ts";
import { plan, type Trial } from "./plan.ts";
import { firstDifference } from "./record_difference.ts";
import { readClosedRecords } from "./records.ts";
import { changedInputs } from "./resume.ts";
import { scratchName } from "./schedule.ts";
import { findRun, RunFolder, type TrialEntry } from "./run_folder.ts";

const usage = "Usage: ./lab verify RUN [--sample N] [--jobs N] [--json]";

interface Verdict {
  trial: string;
  same: boolean;
  /** Why not, in words. */
  difference: string | null;
}

/**
 * Checks the digest of each trial's records, carries the trials out again (all, or N of them, evenly
 * spread) and compares record by record.
 *
 * @returns 0, or 1 when anything differs.
 * @throws {LabError} when there is no such run, or it cannot be carried out here.
 */
export async function verify(args: readonly string[]): Promise<number> {
  const parsed = parseVerb(args, {
    string: ["_", "sample", "jobs"],
    boolean: ["json"],
    default: { jobs: String(navigator.hardwareConcurrency) },
  }, usage);
  const [named, ...rest] = parsed._;
  if (named === undefined || rest.length > 0) {
    throw new LabError("Cannot verify: name one run", usage);
  }
  const folder = await RunFolder.open(await findRun(String(named)));
  const { record } = folder;
  const sample = wholeNumber("sample", parsed.sample ?? String(record.trials.length));
  const jobs = wholeNumber("jobs", parsed.jobs);

  const parts = await buildParts(record.experiment.factors, reportToStderr);
  for (const line of changedInputs(record.inputs, parts.inputs)) {
    console.error(`Warning: another input than when the run was made: ${line}`);
  }
  const trials = plan(record.experiment, parts.inputsOf);
  const chosen = spread(record.trials, sample);
  const verdicts: Verdict[] = [];
  const results = pooledMap(jobs, chosen, (entry) => verifyOne(folder, entry, trials, parts));
  for await (const verdict of results) {
    verdicts.push(verdict);
    console.error(
      `${verdict.trial}: ${verdict.same ? "the same" : `DIFFERS: ${verdict.difference}`}`,
    );
  }
  const differing = verdicts.filter(({ same }) => !same).length;
  if (parsed.json === true) {
    console.log(
      JSON.stringify({ run: record.run, verified: verdicts.length, differing, verdicts }),
    );
  } else {
    console.log(`${record.run}: ${verdicts.length - differing} the same, ${differing} different`);
  }
  return differing === 0 ? 0 : 1;
}

function wholeNumber(option: string, value: unknown): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new LabError(`Cannot verify with --${option} ${value}: not a whole number above 0`, usage);
}

/** Evenly spread over the run, so that a sample sees every workload that a long run has. */
function spread(entries: readonly TrialEntry[], count: number): TrialEntry[] {
  if (count >= entries.length) return [...entries];
  return Array.from(
    { length: count },
    (_, at) => entries[Math.floor(at * entries.length / count)]!,
  );
}

async function verifyOne(
  folder: RunFolder,
  entry: TrialEntry,
  trials: readonly Trial[],
  parts: BuiltParts,
): Promise<Verdict> {
  const differs = (difference: string) => ({ trial: entry.id, same: false, difference });
  const records = await readClosedRecords(folder.recordsPath(entry));
  if (entry.status !== "done") return differs(`the trial is ${entry.status}`);
  if (records === undefined) return differs(`${entry.records} is missing, unfinished or damaged`);
  if (sha256(records) !== entry.digest) return differs("its records are not those of run.json");
  const trial = trials.find(({ settings }) => sameSettings(settings, entry.settings));
  if (trial === undefined) return differs("the experiment has no trial with its settings");
  const again = await carryOut(trial, parts);
  if (typeof again === "string") return differs(`it failed: ${again}`);
  const [before, now] = [records, again].map((bytes) => new TextDecoder().decode(bytes));
  const difference = firstDifference(before!, now!) ?? null;
  return { trial: entry.id, same: difference === null, difference };
}

function sameSettings(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  return Object.keys({ ...a, ...b }).every((key) => a[key] === b[key]);
}

/** The records, or why there are none. */
function carryOut(trial: Trial, parts: BuiltParts): Promise<Uint8Array | string> {
  return withScratch(scratchName(trial), async (scratch) => {
    const { signal } = new AbortController();
    const part = parts.partsOf(trial.settings);
    const { records, failure } = await runEmulated(trial, part, scratch, () => {}, signal);
    return failure ?? records;
  });
}
