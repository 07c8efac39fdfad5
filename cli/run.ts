/** `lab run`: arguments to a request, and the end of a run in one line. */
import { parseOverrides } from "../bench/overrides.ts";
import type { RunRequest } from "../bench/request.ts";
import { runExperiment } from "../bench/run.ts";
import type { RunFolder } from "../bench/run_folder.ts";
import { LabError } from "../base/errors.ts";
import { parseVerb } from "./arguments.ts";

const mostJobs = 256;

const usage = "Usage: ./lab run [EXPERIMENT] [--set FACTOR=LEVEL,...] [--jobs N] [--host KIND] " +
  "[--trace] [--fresh] [--resume RUN] [--with-names] [--json]";

/** @returns the exit status: 0, or 1 when a trial failed. */
export async function run(args: readonly string[]): Promise<number> {
  const { request, json } = readArguments(args);
  return conclude(await runExperiment(request), json);
}

function readArguments(args: readonly string[]): { request: RunRequest; json: boolean } {
  const { _: [experiment, ...rest], ...parsed } = parseVerb(args, {
    string: ["jobs", "host", "set", "resume"],
    boolean: ["json", "trace", "fresh", "with-names"],
    collect: ["set"],
    default: { host: "emulated", jobs: String(navigator.hardwareConcurrency) },
  }, usage);
  if (rest.length > 0) {
    throw new LabError("Cannot run more than one experiment at a time", usage);
  }
  const set = (parsed.set as unknown[] | undefined ?? []).map(String);
  if (parsed.trace === true) set.push("observe=trace");
  if (parsed.resume !== undefined && (experiment !== undefined || set.length > 0)) {
    throw new LabError("Cannot resume with other settings: a run keeps those it began with", usage);
  }
  const options = {
    host: String(parsed.host),
    jobs: jobsOf(parsed.jobs),
    fresh: parsed.fresh === true,
    withNames: parsed["with-names"] === true,
    command: args,
  };
  const request = parsed.resume === undefined
    ? { ...options, experiment: String(experiment ?? "default"), overrides: parseOverrides(set) }
    : { ...options, resume: String(parsed.resume) };
  return { request, json: parsed.json === true };
}

function jobsOf(text: unknown): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= mostJobs) return jobs;
  throw new LabError(`Cannot run with --jobs ${text}: not a whole number from 1 to ${mostJobs}`);
}

function conclude({ record }: RunFolder, json: boolean): number {
  const failed = record.trials.filter(({ status }) => status !== "done").length;
  const { run, digest, trials } = record;
  const reused = trials.filter(({ reused_from }) => typeof reused_from === "string").length;
  console.error(`Report: reports/${run}/index.html`);
  if (json) console.log(JSON.stringify({ run, trials: trials.length, failed, reused, digest }));
  else {
    const known = reused === 0 ? "" : ` (${reused} reused)`;
    console.log(
      `${run}: ${trials.length - failed} done${known}, ${failed} failed, digest ${digest}`,
    );
  }
  return failed === 0 ? 0 : 1;
}
