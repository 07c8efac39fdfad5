// SPDX-License-Identifier: Apache-2.0
/**
 * What a run costs the lab itself, by its number of trials: each is one that was recorded, so that
 * nothing is booted. `lab bench --scale`.
 */
import { join } from "@std/path";
import process from "node:process";
import { openDatabase, writeReport } from "../analysis/mod.ts";
import type { Report } from "../base/report.ts";
import type { Trial } from "../contract/trial.ts";
import { codeOf } from "../machines/machine.ts";
import { provideEmulated } from "../hosts/emulated/mod.ts";
import { sharedFleet } from "../hosts/fleets/shared.ts";
import type { Host } from "../hosts/host.ts";
import { bundleOf } from "../hosts/pool/bundle.ts";
import { definitionOf } from "../hosts/pool/definition.ts";
import { SharedFolder } from "../hosts/pool/shared_folder.ts";
import { elementsOf } from "../hosts/pool/slurm/elements.ts";
import { withScratch } from "../store/cache.ts";
import { checkExperiment, crossLevels } from "./experiment.ts";
import { plan } from "./plan.ts";
import { readClosedRecords } from "./records.ts";
import { runRequest } from "./request.ts";
import { newRecord } from "./run.ts";
import { RunFolder } from "./run_folder.ts";
import { schedule } from "./schedule.ts";
import { drawn } from "./where_time_goes.ts";

/** What one number of trials costs, s, and what it leaves. */
export interface Scaled {
  trials: number;
  plan_s: number;
  /** The run's folder, and what the nodes of a cluster are told. */
  submit_s: number;
  gather_s: number;
  /** Null where it was left out. */
  load_s: number | null;
  report_s: number | null;
  report_bytes: number | null;
  /** Time of processors that all of it took, s: that of a busy machine says as much. */
  processor_s: number;
  /** Of this process so far, the most. */
  memory_mib: number;
}

/** The trials of a run that was recorded, one a seed and arm, of which only little is kept. */
const kept = new Set(["host", "plan", "phases", "touch", "faults"]);
/** Exits by a second-level fault. */
const faultExit = codeOf("svm", "NPF");

/**
 * Records of a trial with fewer lines, which are still those of a trial: of one guest, with KSM's state at
 * the end of each phase, so that there is a finding.
 */
export function thinned(records: string): string {
  const lines = records.split(/(?<=\n)/).filter((line) => line !== "")
    .map((line) => ({ line, said: JSON.parse(line) }));
  const ends = new Map(
    lines.filter(({ said }) => said.kind === "ksm").map(({ line, said }) => [said.phase, line]),
  );
  return lines.filter(({ line, said: { kind, phase, guest = 0, reason_code } }) => {
    if (guest !== 0) return false;
    return kept.has(kind) || kind === "exits" && reason_code === faultExit ||
      kind === "ksm" && ends.get(phase) === line;
  }).map(({ line }) => line).join("");
}

/**
 * @param recorded a run's folder with finished trials of both arms
 * @param analysed whether its records are loaded and a report is written, too
 * @throws {LabError} when parts cannot be built, or the disk is full.
 */
export async function scale(
  trials: number,
  recorded: RunFolder,
  analysed: boolean,
  say: Report,
): Promise<Scaled> {
  const seeds = Array.from({ length: Math.ceil(trials / 2) }, (_, at) => at + 1);
  const experiment = await checkExperiment("scale", {
    ...{ title: "Scale", question: "What do many trials cost?" },
    factors: { workload: "kernels", arm: ["off", "on"], seed: seeds },
  });
  const first = crossLevels({ ...experiment.factors, seed: [1] });
  const { host, provision } = await provideEmulated(
    { settings: first, slots: 1, fork: false, report: say },
  );
  const byArm = await recordsByArm(recorded);
  return await withScratch(`scale-${crypto.randomUUID().slice(0, 8)}`, async (dir) => {
    const times: number[] = [];
    const before = process.cpuUsage();
    const timed = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
      say(`${trials} trials: ${what}`);
      const began_ms = performance.now();
      const result = await work();
      times.push((performance.now() - began_ms) / 1000);
      return result;
    };
    const planned = await timed("plan", () => plan(experiment, provision.inputsOf));
    const folder = await timed("submit", async () => {
      const request = runRequest({ experiment: "scale", overrides: {} }, ["bench", "--scale"]);
      const record = await newRecord("scale", experiment, planned, provision, request);
      const shared = new SharedFolder(join(dir, "shared"), "scale");
      const bundle = await bundleOf(host.parts, first);
      await shared.prepare(bundle);
      for (const trial of planned) {
        await shared.put("trials", trial.identity, definitionOf(trial, host, bundle));
      }
      const waiting = planned.map(({ identity: key, block }) => ({ key, block, exclude: [] }));
      for (const [at, keys] of elementsOf(waiting, usual_s, false).entries()) {
        await shared.put("tasks", `a1.${at}`, `${keys.join("\n")}\n`);
      }
      /* As of a run that has drifted: what was not measured is not kept for others. */
      return await RunFolder.create({ ...record, drift: true }, join(dir, "scale"));
    });
    const recordedHost = hostOf(host, byArm);
    await timed("gather", () =>
      schedule(planned, folder, {
        fleet: sharedFleet(recordedHost, atOnce),
        display: { say: () => {}, draw: () => {}, close: () => {} },
        signal: new AbortController().signal,
        onEnded: () => Promise.resolve(),
      }));
    await folder.finish(new Date());
    if (analysed) {
      await timed("load", async () => (await openDatabase(folder.dir)).close());
      await timed("report", () => writeReport(folder.dir));
    }
    const [plan_s = 0, submit_s = 0, gather_s = 0, load_s = null, report_s = null] = times;
    const report_bytes = analysed ? (await Deno.stat(join(folder.dir, "index.html"))).size : null;
    const { user, system } = process.cpuUsage(before);
    const processor_s = (user + system) / 1e6;
    const memory_mib = process.resourceUsage().maxRSS / 1024;
    return {
      ...{ trials, plan_s, submit_s, gather_s, load_s, report_s },
      ...{ report_bytes, processor_s, memory_mib },
    };
  });
}

/** What was measured, a line for each number of trials. */
export function scaleTable(measured: readonly Scaled[]): string {
  const seconds = (value: number | null) => value === null ? "" : value.toFixed(1);
  return drawn(
    [
      "trials",
      "plan, s",
      "submit, s",
      "gather, s",
      "load, s",
      "report, s",
      "processor, s",
      "page, MB",
      "memory, MiB",
    ],
    measured.map((one) => [
      ...[String(one.trials), seconds(one.plan_s), seconds(one.submit_s), seconds(one.gather_s)],
      ...[seconds(one.load_s), seconds(one.report_s), seconds(one.processor_s)],
      one.report_bytes === null ? "" : (one.report_bytes / 1e6).toFixed(1),
      one.memory_mib.toFixed(0),
    ]),
  );
}

/** What a trial takes, for how many are a task. */
const usual_s = 10;

/** Trials that come back at the same time. */
const atOnce = 16;

async function recordsByArm(recorded: RunFolder): Promise<Map<string, Uint8Array>> {
  const byArm = new Map<string, Uint8Array>();
  for (const entry of recorded.record.trials) {
    const { arm, workload } = entry.settings;
    if (workload !== "kernels" || byArm.has(String(arm))) continue;
    const bytes = await readClosedRecords(recorded.recordsPath(entry));
    const text = thinned(new TextDecoder().decode(bytes));
    byArm.set(String(arm), new TextEncoder().encode(text));
  }
  return byArm;
}

/** A host whose trials are those that were recorded. */
function hostOf(host: Host, byArm: ReadonlyMap<string, Uint8Array>): Host {
  return {
    ...{ name: host.name, exact: host.exact },
    facts: () => host.facts(),
    objection: (settings) => host.objection(settings),
    inputsOf: (settings) => host.inputsOf(settings),
    carryOut: ({ settings }: Trial, onRecords) => {
      const records = byArm.get(settings.arm)!;
      onRecords(new TextDecoder().decode(records));
      return Promise.resolve({ ended: "done", records, instructions: 1, wall_s: usual_s });
    },
  };
}
