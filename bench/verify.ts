/** `lab verify RUN`: does each trial, done again, give the same records? */
import { pooledMap } from "@std/async";
import { withScratch } from "../support/cache.ts";
import { sha256 } from "../support/digest.ts";
import type { BuiltParts } from "./build.ts";
import { runEmulated } from "./emulated.ts";
import { plan, type Trial } from "./plan.ts";
import { firstDifference } from "./record_difference.ts";
import { readClosedRecords } from "./records.ts";
import { changedInputs } from "./resume.ts";
import { scratchName } from "./schedule.ts";
import type { RunFolder, TrialEntry } from "./run_folder.ts";

export interface VerifyOptions {
  /** How many trials, evenly spread over the run; all of them if not given. */
  sample: number | undefined;
  jobs: number;
  json: boolean;
}

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
 * @param parts what the trials are carried out on.
 * @returns 0, or 1 when anything differs.
 */
export async function verifyRun(
  folder: RunFolder,
  parts: BuiltParts,
  { sample, jobs, json }: VerifyOptions,
): Promise<number> {
  const { record } = folder;
  for (const line of changedInputs(record.inputs, parts.inputs)) {
    console.error(`Warning: another input than when the run was made: ${line}`);
  }
  const trials = plan(record.experiment, parts.inputsOf);
  const chosen = spread(record.trials, sample ?? record.trials.length);
  const verdicts: Verdict[] = [];
  const results = pooledMap(jobs, chosen, (entry) => verifyOne(folder, entry, trials, parts));
  for await (const verdict of results) {
    verdicts.push(verdict);
    console.error(
      `${verdict.trial}: ${verdict.same ? "the same" : `DIFFERS: ${verdict.difference}`}`,
    );
  }
  const differing = verdicts.filter(({ same }) => !same).length;
  if (json) {
    console.log(
      JSON.stringify({ run: record.run, verified: verdicts.length, differing, verdicts }),
    );
  } else {
    console.log(`${record.run}: ${verdicts.length - differing} the same, ${differing} different`);
  }
  return differing === 0 ? 0 : 1;
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
