import { isPack, withPack } from "../packs/open.ts";
import { referenceName, withReference } from "../packs/reference.ts";
import { crossLevels } from "../bench/experiment.ts";
import { provisionOf } from "../hosts/emulated/mod.ts";
import { hostKind } from "../hosts/kinds.ts";
import { DamagedRun, findRun, RunFolder } from "../bench/run_folder.ts";
import { type VerifyOptions, verifyRun } from "../bench/verify.ts";
import { parseVerb } from "./arguments.ts";
import { LabError } from "../base/errors.ts";
import { reportToStderr } from "../base/report.ts";

const usage =
  `Usage: ./lab verify RUN|PACK.tar.zst|${referenceName} [--sample N] [--jobs N] [--json]`;

/**
 * `lab verify RUN`: does each trial, done again, give the same records? Of a pack the trials are
 * carried out on the binaries in it. `lab verify reference` asks it of the committed reference run.
 *
 * @returns 0, or 1 when anything differs.
 * @throws {LabError} when there is no such run, or it cannot be carried out here.
 */
export async function verify(args: readonly string[]): Promise<number> {
  const { _: [named, ...rest], ...parsed } = parseVerb(args, {
    string: ["_", "sample", "jobs"],
    boolean: ["json"],
    default: { jobs: String(navigator.hardwareConcurrency) },
  }, usage);
  if (named === undefined || rest.length > 0) {
    throw new LabError("Cannot verify: name one run or pack", usage);
  }
  const options: VerifyOptions = {
    sample: parsed.sample === undefined ? undefined : wholeNumber("sample", parsed.sample),
    json: parsed.json === true,
  };
  const jobs = wholeNumber("jobs", parsed.jobs);
  if (isPack(String(named))) {
    return await withPack(
      String(named),
      (folder, host) => verifyRun(folder, provisionOf(host, jobs), options),
    );
  }
  if (String(named) === referenceName) {
    return await withReference((folder) => verifyBuilt(folder, jobs, options));
  }
  const folder = await openRun(String(named));
  return folder === undefined ? 1 : await verifyBuilt(folder, jobs, options);
}

/** On what is built here. */
async function verifyBuilt(
  folder: RunFolder,
  jobs: number,
  options: VerifyOptions,
): Promise<number> {
  const { host, experiment } = folder.record;
  const settings = crossLevels(experiment.factors);
  const kind = await hostKind(host);
  const provision = await kind.provide({ settings, slots: jobs, report: reportToStderr });
  return await verifyRun(folder, provision, options);
}

/** Nothing when its run.json is damaged: what cannot be read has not been verified. */
async function openRun(name: string): Promise<RunFolder | undefined> {
  try {
    return await RunFolder.open(await findRun(name));
  } catch (error) {
    if (!(error instanceof DamagedRun)) throw error;
    console.error(error.message);
    console.error(error.next);
    return undefined;
  }
}

function wholeNumber(option: string, value: unknown): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new LabError(`Cannot verify with --${option} ${value}: not a whole number above 0`, usage);
}
