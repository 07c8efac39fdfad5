// SPDX-License-Identifier: Apache-2.0
/** What a run would take, before it is begun. */
import { LabError } from "../base/errors.ts";
import { reportNothing } from "../base/report.ts";
import { crossLevels, type Experiment } from "../bench/experiment.ts";
import { earlierTrials, type Forecast, forecast } from "../bench/forecast.ts";
import { plan } from "../bench/plan.ts";
import type { RunRequest } from "../bench/request.ts";
import { isStored } from "../bench/trial_store.ts";
import type { Settings } from "../contract/settings.ts";
import { hostKind, requireNoObjection } from "../hosts/kinds.ts";
import { NotBuilt, withoutBuilding } from "../store/cache.ts";

/**
 * Looks at what is there, and builds nothing.
 *
 * @throws {LabError} when hosts of this kind cannot carry the trials out.
 */
export async function forecastOf(
  experiment: Experiment,
  { host, jobs, fork, fresh }: RunRequest,
): Promise<Forecast> {
  const kind = await hostKind(host);
  const settings = crossLevels(experiment.factors);
  requireNoObjection(kind, settings);
  const cached = await withoutBuilding(async () => {
    const { inputsOf, exact, drift } = await kind.provide({
      ...{ settings, slots: jobs, fork, report: reportNothing },
    });
    const trials = plan(experiment, inputsOf);
    const reusable = exact && !drift && !fresh;
    return await Promise.all(trials.map(async (trial) => ({
      settings: trial.settings as Settings,
      cached: reusable && await isStored(trial.identity),
    })));
  }).catch((error) => {
    if (error instanceof NotBuilt) return undefined;
    throw error;
  });
  return forecast(
    cached?.map((one) => one.settings) ?? settings,
    cached?.map((one) => one.cached) ?? null,
    jobs,
    await earlierTrials(),
  );
}

/** "12 s", "5 min", "1 h 20 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const left = minutes % 60;
  return `${Math.floor(minutes / 60)} h${left === 0 ? "" : ` ${left} min`}`;
}

/** Building two kernels and the emulator on two cores, as README.md has it. */
const building = "about 5 min on two cores";

/** The same as lines. */
export function planLines(name: string, asked: Forecast): string[] {
  const { trials, cached, trials_s, disk_mib } = asked;
  const known = cached === null
    ? "how many of them are cached is known once kernel and emulator are built"
    : `${cached} of them cached, ${trials - cached} to be carried out`;
  return [
    `${name}: ${trials} trial${trials === 1 ? "" : "s"}, ${known}`,
    `Time: about ${duration(trials_s)} for the trials${
      cached === null ? `, and ${building} to build what is missing` : ""
    }`,
    `Disk: about ${disk_mib} MiB in reports/`,
  ];
}

/** More than this is asked about. */
const longest_s = 3600;

/**
 * Whether a run is to be begun. What is cached makes it shorter and takes time to find out, so nobody
 * looks where it is short without that.
 *
 * @throws {LabError} as {@linkcode isMeant} and {@linkcode forecastOf}.
 */
export async function mayBegin(
  experiment: Experiment,
  request: RunRequest,
  yes: boolean,
): Promise<boolean> {
  const most = forecast(crossLevels(experiment.factors), null, 1, await earlierTrials());
  const isShort = yes || most.trials_s <= longest_s;
  const asked = isShort ? most : await forecastOf(experiment, request);
  return isMeant(experiment.name, asked, yes);
}

/**
 * Asks whether a long run is meant. Where nobody can be asked it is refused, as a slip of the hand
 * would keep a machine busy for days.
 *
 * @returns whether to go on
 * @throws {LabError} when it is long and nobody can be asked.
 */
export function isMeant(name: string, asked: Forecast, yes: boolean): boolean {
  if (yes || asked.trials_s <= longest_s) return true;
  const about = `about ${duration(asked.trials_s)} of work`;
  if (Deno.stdin.isTerminal()) {
    for (const line of planLines(name, asked)) console.error(line);
    return confirm(`This is ${about}. Go on?`);
  }
  throw new LabError(
    `Cannot run ${name} without being told twice: it is ${about}`,
    "Say --yes; ./lab run --plan says what it would take",
  );
}
