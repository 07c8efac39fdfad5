// SPDX-License-Identifier: Apache-2.0
/** One call of `lab bench`: parts, trials, tables, questions, report, each with its time. */
import { dirname, join } from "@std/path";
import { listQuestions, openDatabase, writeReport } from "../analysis/mod.ts";
import { run } from "../base/process.ts";
import type { Report } from "../base/report.ts";
import type { Trial } from "../contract/trial.ts";
import { EmulatedHost } from "../hosts/emulated/host.ts";
import { provideEmulated, provisionOf } from "../hosts/emulated/mod.ts";
import type { Parts } from "../hosts/emulated/parts.ts";
import type { Provision } from "../hosts/kinds.ts";
import { buildSecondsOf, withScratch } from "../store/cache.ts";
import { type Carried, measureTrials } from "./benchmark.ts";
import type { Benchmark, Part } from "./benchmark_file.ts";
import { crossLevels, type Experiment, readExperiment } from "./experiment.ts";
import { plan } from "./plan.ts";
import { describeRunMachine, gitRevision } from "./provenance.ts";
import { writeRecords } from "./records.ts";
import { runRequest } from "./request.ts";
import { newRecord } from "./run.ts";
import { RunFolder, waitingEntry } from "./run_folder.ts";

/** Of the experiment that the lab is made for: one workload, one seed, both arms. */
const measured = { experiment: "default", overrides: { workload: ["kernels"], seed: [1] } };

/**
 * @param repetitions how often wall times are taken
 * @throws {LabError} when something cannot be built, or a trial fails.
 */
export async function benchmark(
  repetitions: number,
  report: Report,
  signal: AbortSignal,
): Promise<Benchmark> {
  const [began, before] = [new Date().toISOString(), Deno.loadavg()[0]!];
  const experiment = await readExperiment(measured.experiment, measured.overrides);
  const settings = crossLevels(experiment.factors);
  const begun_ms = performance.now();
  const slots = navigator.hardwareConcurrency;
  const { host, provision } = await provideEmulated({ settings, slots, fork: true, report });
  const build_s = secondsSince(begun_ms);
  const trials = plan(experiment, provision.inputsOf);
  const { parts, carried } = await measureTrials({
    trials,
    whole: new EmulatedHost(host.parts, host.described, false),
    forked: provisionOf(host, 1).fleet,
    saved: () => host.states.costs,
  }, { repetitions, slots, signal, say: report, childrenCpu_s });
  const analysis = await measureAnalysis(
    experiment,
    trials,
    carried,
    provision,
    repetitions,
    report,
  );
  const { workload, guests, guest_memory_mib } = settings[0]!;
  return {
    ...{ format: 1, began, git: await gitRevision(), machine: await describeRunMachine() },
    load: { before, after: Deno.loadavg()[0]! },
    trials:
      `Workload ${workload}, ${guests} guests of ${guest_memory_mib} MiB, one trial at a time, ` +
      `each wall time the median of ${repetitions}`,
    parts: [
      once("build: all parts found, or built", build_s),
      ...await builtParts(host.parts),
      ...parts,
      ...analysis,
    ],
  };
}

function once(part: string, seconds: number): Part {
  return { part, wall_s: [seconds], cpu_s: null, instructions: null, bytes: null };
}

function secondsSince(began_ms: number): number {
  return (performance.now() - began_ms) / 1000;
}

/** Ticks a second in which /proc counts CPU time (USER_HZ), the same on all of Linux's x86-64. */
const userHz = 100;
/** Of /proc/PID/stat behind the program's name: cutime and cstime, proc(5). */
const childrenFields = [13, 14];

/** Deno does not read /proc itself, see store/machine.ts. */
async function childrenCpu_s(): Promise<number> {
  const { stdout } = await run("cat", [`/proc/${Deno.pid}/stat`], {
    purpose: "ask for the CPU time of the emulator",
    timeLimit_s: 10,
  });
  const fields = stdout.slice(stdout.lastIndexOf(")") + 2).split(" ");
  return childrenFields.reduce((all, field) => all + Number(fields[field]), 0) / userHz;
}

/** How long each part took when it was built, whenever that was, with all that was built beside it. */
async function builtParts({ emulator, hosts, guestKernels, images }: Parts): Promise<Part[]> {
  const folders: [string, string][] = [
    ["emulator", emulator.dir],
    ...[...hosts].map(([name, { dir }]) => [`host kernel ${name}`, dir] as [string, string]),
    ...[...guestKernels].map(([name, { dir }]) =>
      [`guest kernel ${name}`, dir] as [string, string]
    ),
    ...images.map(({ workload, path }) => [`image ${workload}`, dirname(path)] as [string, string]),
  ];
  const seconds = await Promise.all(folders.map(([, dir]) => buildSecondsOf(dir)));
  return folders.flatMap(([name], at) =>
    seconds[at] === undefined ? [] : [once(`  once: ${name}`, seconds[at])]
  );
}

/** From records to the report, each step as a verb takes it. */
function measureAnalysis(
  experiment: Experiment,
  trials: readonly Trial[],
  carried: readonly Carried[],
  provision: Provision,
  repetitions: number,
  say: Report,
): Promise<Part[]> {
  return withScratch(`bench-${crypto.randomUUID().slice(0, 8)}`, async (dir) => {
    const request = runRequest(measured, ["bench"]);
    const record = await newRecord("bench", experiment, trials, provision, request);
    const folder = await RunFolder.create(record, join(dir, record.run));
    for (const [at, { records, ...one }] of carried.entries()) {
      const entry = Object.assign(folder.record.trials[at]!, waitingEntry(trials[at]!));
      const { digest } = await writeRecords(folder.recordsPath(entry), records, true);
      const { wall_s, phases_wall_s, instructions = null } = one;
      Object.assign(entry, { status: "done", digest, wall_s, phases_wall_s, instructions });
    }
    await folder.finish(new Date());
    const taken: Record<string, number[]> = { load: [], questions: [], report: [] };
    for (let round = 1; round <= repetitions; round++) {
      say(`Analysis, round ${round} of ${repetitions}`);
      const begun_ms = performance.now();
      const database = await openDatabase(folder.dir);
      taken.load!.push(secondsSince(begun_ms));
      const asked_ms = performance.now();
      for (const { sql } of await listQuestions()) await database.query(sql);
      taken.questions!.push(secondsSince(asked_ms));
      database.close();
      taken.report!.push((await writeReport(folder.dir)).seconds);
    }
    return [
      ["analysis: records into tables", taken.load!] as const,
      ["analysis: all questions", taken.questions!] as const,
      ["analysis: report, with both of these", taken.report!] as const,
    ].map(([part, wall_s]) => ({ part, wall_s, cpu_s: null, instructions: null, bytes: null }));
  });
}
