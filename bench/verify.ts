// SPDX-License-Identifier: Apache-2.0
/** Does each trial of a run, done again, give the same records? */
import { pooledMap } from "@std/async";
import { LabError } from "../base/errors.ts";
import { Interrupted, interruption } from "../base/interruption.ts";
import { type Damage, findDamage } from "./damage.ts";
import type { Trial } from "../contract/trial.ts";
import type { Fleet } from "../hosts/fleet.ts";
import type { Provision } from "../hosts/kinds.ts";
import { inexactBecause } from "../contract/exact.ts";
import { type InputChange, inputChanges, inWords } from "./input_changes.ts";
import { plan } from "./plan.ts";
import { firstDifference } from "../contract/record_difference.ts";
import { readClosedRecords } from "./records.ts";
import type { RunFolder } from "./run_folder.ts";
import type { TrialEntry } from "../contract/run_file.ts";
import { settingsDifference } from "./settings_difference.ts";

export interface VerifyOptions {
  /** How many trials, evenly spread over the run; all of them if not given. */
  sample?: number | undefined;
  json: boolean;
  /** Names of the programs that are not this lab's, nor the reference's: their word is all there is. */
  foreign?: readonly string[];
}

interface Verdict {
  trial: string;
  same: boolean;
  /** Why not, in words. */
  difference: string | null;
}

/**
 * Checks the digests of all records, carries the trials out again (all, or N of them, evenly
 * spread; never from the store of finished trials) and compares record by record.
 *
 * @param provision where the trials are carried out.
 * @returns 0, or 1 when anything differs.
 * @throws {LabError} when the run's results, or what the hosts give, must not be compared digit by
 * digit.
 */
export async function verifyRun(
  folder: RunFolder,
  provision: Provision,
  { sample, json, foreign = [] }: VerifyOptions,
): Promise<number> {
  const { record } = folder;
  const obstacle = inexactBecause(record) ??
    inexactBecause({
      run: "what is built here",
      mode: provision.exact ? "exact" : "hardware",
      drift: provision.drift,
    });
  if (obstacle !== undefined) {
    throw new LabError(
      `Cannot verify ${record.run} digit by digit: ${obstacle}`,
      "./lab lock check says which sources are gone",
    );
  }
  const damages = await findDamage(folder);
  for (const { what, damage } of damages) console.error(`${what}: DAMAGED: ${damage}`);
  const sound = record.trials.filter(({ id }) => !damages.some(({ what }) => what === id));
  console.error(
    `Digests: ${sound.length} of ${record.trials.length} trials are as they were written`,
  );
  const inputs = inputChanges(record.inputs, provision.inputs);
  for (const change of inputs) console.error(`Other input: ${inWords(change)}`);

  const trials = plan(record.experiment, provision.inputsOf);
  const same = foreign.length === 0 ? "the same" : "the same, by the pack's own programs";
  const verdicts: Verdict[] = damages.map(({ what, damage }: Damage) => (
    { trial: what, same: false, difference: damage }
  ));
  const chosen = spread(sound, sample ?? sound.length);
  for await (const verdict of verifyAll(folder, chosen, trials, provision.fleet)) {
    verdicts.push(verdict);
    console.error(inWordsOf(verdict, inputs, same));
  }
  const differing = verdicts.filter(({ same }) => !same).length;
  if (json) {
    const outcome = differing === 0 ? same : "different";
    const all = { run: record.run, outcome, verified: verdicts.length, differing, foreign };
    console.log(JSON.stringify({ ...all, inputs, verdicts }));
  } else {
    const whose = foreign.length === 0 ? "" : ` (${foreign.join(", ")})`;
    console.log(
      `${record.run}: ${verdicts.length - differing} ${same}${whose}, ${differing} different`,
    );
  }
  return differing === 0 ? 0 : 1;
}

/** Where inputs differ they are the likely reason, and named first. */
function inWordsOf(
  { trial, same, difference }: Verdict,
  changes: readonly InputChange[],
  theSame: string,
): string {
  const others = changes.map(({ input }) => input).join(", ");
  if (same) {
    return `${trial}: ${theSame}${others === "" ? "" : `, although with another ${others}`}`;
  }
  const why = others === "" ? "with the same inputs" : `with another ${others}`;
  return `${trial}: DIFFERS ${why}: ${difference}`;
}

/** Evenly spread over the run, so that a sample sees every workload that a long run has. */
function spread(entries: readonly TrialEntry[], count: number): TrialEntry[] {
  if (count >= entries.length) return [...entries];
  return Array.from(
    { length: count },
    (_, at) => entries[Math.floor(at * entries.length / count)]!,
  );
}

async function* verifyAll(
  folder: RunFolder,
  chosen: readonly TrialEntry[],
  trials: readonly Trial[],
  fleet: Fleet,
): AsyncGenerator<Verdict> {
  const found = chosen.map((entry) => ({ entry, trial: trialOf(entry, trials) }));
  await fleet.ready(found.flatMap(({ trial }) => trial ?? []), folder.record.run);
  try {
    yield* pooledMap(
      fleet.slots,
      found,
      ({ entry, trial }) => verifyOne(folder, entry, trial, trials, fleet),
    );
  } finally {
    await fleet.close();
  }
}

function trialOf({ settings: wanted }: TrialEntry, trials: readonly Trial[]): Trial | undefined {
  return trials.find(({ settings }) => settingsDifference(wanted, settings) === undefined);
}

async function verifyOne(
  folder: RunFolder,
  entry: TrialEntry,
  trial: Trial | undefined,
  trials: readonly Trial[],
  fleet: Fleet,
): Promise<Verdict> {
  const differs = (difference: string) => ({ trial: entry.id, same: false, difference });
  const records = await readClosedRecords(folder.recordsPath(entry));
  if (trial === undefined) {
    const [nearest] = trials.map(({ settings }) => settingsDifference(entry.settings, settings)!)
      .sort((a, b) => a.length - b.length);
    return differs(`the experiment has no trial with its settings: ${nearest ?? "it has none"}`);
  }
  const again = await carryOut(trial, fleet);
  if (typeof again === "string") return differs(`it failed: ${again}`);
  const [before, now] = [records, again].map((bytes) => new TextDecoder().decode(bytes));
  const difference = firstDifference(before!, now!) ?? null;
  return { trial: entry.id, same: difference === null, difference };
}

/** The records, or why there are none. */
async function carryOut(trial: Trial, fleet: Fleet): Promise<Uint8Array | string> {
  await using host = await fleet.lease(trial.block, interruption);
  const outcome = await host.carryOut(trial, () => {}, interruption);
  if (outcome.ended === "done") return outcome.records;
  if (outcome.ended === "interrupted") throw new Interrupted("not all trials were verified");
  return outcome.reason;
}
