// SPDX-License-Identifier: Apache-2.0
/** What a run would take, said before it is begun: from trials that were carried out before. */
import { join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { readRunFile, type RunFile } from "../contract/run_file.ts";
import type { Settings } from "../contract/settings.ts";
import { newestFirst } from "./run_names.ts";
import { reportsDir, runNames } from "./run_folder.ts";

/** A trial that was carried out, and what it took. */
export interface EarlierTrial {
  settings: Readonly<Record<string, string | number>>;
  wall_s: number;
}

/** Runs beyond these say nothing new, nor do trials. */
const mostRuns = 20;
const mostTrials = 2000;

/** What trials took in the newest runs that lie in reports/. */
export async function earlierTrials(dir = reportsDir): Promise<EarlierTrial[]> {
  const names = newestFirst(await runNames(dir)).slice(0, mostRuns);
  const runs = await Promise.all(names.map((name) => readIfSound(join(dir, name))));
  return runs.flatMap((run) => run?.trials ?? []).flatMap(({ settings, wall_s, reused_from }) =>
    wall_s === null || reused_from !== null ? [] : [{ settings, wall_s }]
  ).slice(0, mostTrials);
}

async function readIfSound(dir: string): Promise<RunFile | undefined> {
  try {
    return await readRunFile(dir);
  } catch (error) {
    if (error instanceof LabError) return undefined;
    throw error;
  }
}

/** A trial of the experiment `default` on two cores, docs/TIME.md, s. */
const usual_s = 10;

/** Its guests. */
const usualGuests = 4;

/** Say nothing of how long a trial takes. */
const indifferent = ["seed", "arm"];

/**
 * Wall seconds that a trial will take: the mean over the earlier trials that are most like it, and in
 * proportion to the guests where theirs are more or fewer.
 */
export function expected_s(settings: Settings, earlier: readonly EarlierTrial[]): number {
  const all = Object.entries(settings).filter(([name]) => !indifferent.includes(name));
  const alike = earlier.map((one) => ({
    ...one,
    likeness: all.filter(([name, level]) => one.settings[name] === level).length +
      (one.settings.workload === settings.workload ? all.length : 0),
  }));
  const most = Math.max(0, ...alike.map(({ likeness }) => likeness));
  const nearest = alike.filter(({ likeness }) => likeness === most);
  const each = nearest.map(({ wall_s, settings: { guests } }) =>
    wall_s * settings.guests / Number(guests ?? settings.guests)
  );
  if (each.length === 0) return usual_s * settings.guests / usualGuests;
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}

/** As {@linkcode expected_s}, for many trials: those that differ in nothing that matters cost nothing. */
export function expectedBy(earlier: readonly EarlierTrial[]): (settings: Settings) => number {
  const known = new Map<string, number>();
  return (settings) => {
    const key = JSON.stringify(
      Object.entries(settings).filter(([name]) => !indifferent.includes(name)),
    );
    const seconds = known.get(key) ?? expected_s(settings, earlier);
    known.set(key, seconds);
    return seconds;
  };
}

/** Records and tables of a trial: seen in the experiment `default`; a trace takes far more. */
const disk_mib = { records: 2, trace: 40 };

/** What a run would take. */
export interface Forecast {
  trials: number;
  /** Trials that are taken from the cache; null where nothing is built, so that nobody can tell. */
  cached: number | null;
  /** Wall seconds of those that are carried out. */
  trials_s: number;
  disk_mib: number;
}

/**
 * @param settings of all trials
 * @param isCached whether the trial at that place need not be carried out; null where nobody can tell
 */
export function forecast(
  settings: readonly Settings[],
  isCached: readonly boolean[] | null,
  slots: number,
  earlier: readonly EarlierTrial[],
): Forecast {
  const left = settings.filter((_, at) => isCached?.[at] !== true);
  const expected = expectedBy(earlier);
  const sum_s = left.reduce((sum, one) => sum + expected(one), 0);
  return {
    trials: settings.length,
    cached: isCached === null ? null : settings.length - left.length,
    trials_s: sum_s / Math.max(1, Math.min(slots, left.length)),
    disk_mib: settings.reduce(
      (sum, { observe }) => sum + (observe === "trace" ? disk_mib.trace : disk_mib.records),
      0,
    ),
  };
}
