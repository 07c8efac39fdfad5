// SPDX-License-Identifier: Apache-2.0
/**
 * Trials as elements of Slurm's job arrays. What they leave in the shared folder is looked for; Slurm is
 * asked for those that have left nothing. Whoever goes on with a run finds its jobs by name.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import { LabError } from "../../../base/errors.ts";
import type { Report } from "../../../base/report.ts";
import { requireAnyRoom } from "../../../base/room.ts";
import type { Trial } from "../../../contract/trial.ts";
import type { EmulatedHost } from "../../emulated/host.ts";
import { takenBy } from "../../emulated/room.ts";
import { bundleOf } from "../bundle.ts";
import { definitionOf, machineOfTrial } from "../definition.ts";
import type { Carried, Errand, Pool } from "../pool.ts";
import { readResult } from "../result.ts";
import { SharedFolder } from "../shared_folder.ts";
import { byNodes, elementsOf, type Waiting } from "./elements.ts";
import { type Loss, Losses } from "./losses.ts";
import {
  cancelAll,
  cancelElement,
  cancelledTag,
  endingOf,
  leftOut,
  type Limits,
  limits,
  nodesOf,
  queueOf,
  type Row,
  type SlurmOptions,
  submit,
  unknown,
} from "./queue.ts";

/** Trials that are handed over at the same time: enough for elements to come back out of order. */
const mostHanded = 2000;

/** Elements in the queue, at most: a controller takes some thousands. */
const mostQueued = 4000;

/** How often the shared folder is looked through, and Slurm is asked, which many users ask. */
const lookEvery_ms = 1000;
const askEvery_ms = 3000;

/** What a trial of four guests takes on two cores, until some have come back: docs/TIME.md. */
const usual_s = 10;

/** Trials whose records are read while they run. */
const mostFollowed = 16;

/** Calls of sbatch that may fail one after the other. */
const mostRefusals = 10;

interface Element {
  tag: string;
  index: number;
  keys: readonly string[];
  /** As it was seen last; nothing until then. */
  row: Row | undefined;
  submitted_ms: number;
}

interface Wait {
  trial: Trial;
  onRecords: (lines: string) => void;
  /** Bytes of its records that were told already. */
  told: number;
  resolve: (carried: Carried) => void;
  reject: (error: unknown) => void;
}

/** A job that was just submitted may not be in the queue yet. */
const unseenFor_ms = 20_000;

export class SlurmPool implements Pool {
  readonly slots = mostHanded;
  #shared!: SharedFolder;
  #run = "";
  #limits!: Limits;
  #script = "";
  #memory_mib = 0;
  readonly #trials = new Map<string, Trial>();
  readonly #waits = new Map<string, Wait>();
  /** Keys whose result lies there, and that nobody has asked for yet. */
  readonly #arrived = new Set<string>();
  #pending: Waiting[] = [];
  readonly #elements = new Map<string, Element>();
  readonly #losses = new Losses();
  /** Numbers of the arrays that are followed. */
  readonly #own = new Set<string>();
  #arrays = 0;
  #refusals = 0;
  #left = 0;
  #over = false;
  #loop: Promise<void> = Promise.resolve();
  #spent = { trials: 0, wall_s: 0 };
  #failure: unknown;

  constructor(
    readonly host: EmulatedHost,
    readonly place: string,
    readonly options: SlurmOptions,
    readonly report: Report,
  ) {}

  async prepare(trials: readonly Trial[], run: string): Promise<void> {
    this.#limits = await limits();
    this.#run = run;
    this.#left = trials.length;
    this.#shared = new SharedFolder(this.place, run);
    const bundle = await bundleOf(this.host.parts, trials.map(({ settings }) => settings));
    await this.#shared.prepare(bundle);
    this.#memory_mib = Math.ceil(
      trials.reduce((most, trial) => Math.max(most, takenBy(trial, this.host).memory), 0),
    );
    const runner = `${this.place}/parts/${bundle.runner}`;
    this.#script = join(this.#shared.dir, "job.sh");
    await Deno.writeTextFile(
      this.#script,
      `#!/bin/sh\nexec sh "${runner}" trials "${this.place}" "${run}" ` +
        `"${this.#shared.dir}/tasks/$1.$SLURM_ARRAY_TASK_ID"\n`,
    );
    for (const trial of trials) {
      this.#trials.set(trial.identity, trial);
      await this.#shared.put(
        "trials",
        trial.identity,
        definitionOf(trial, this.host, bundle),
      );
    }
    await this.#findEarlier(trials);
    this.#loop = this.#follow();
  }

  /** What an earlier call of the lab has submitted: its results, and its jobs by their name. */
  async #findEarlier(trials: readonly Trial[]): Promise<void> {
    for (const folder of ["results", "taken"] as const) {
      for (const key of await this.#shared.names(folder)) this.#arrived.add(key);
    }
    const tasks = await this.#shared.names("tasks");
    const numbers = tasks.map((name) => Number(/^a(\d+)\./.exec(name)?.[1] ?? 0));
    this.#arrays = numbers.reduce((most, one) => Math.max(most, one), 0);
    const going = new Set<string>();
    for (const row of tasks.length === 0 ? [] : await queueOf(this.#run)) {
      if (endingOf(row.state) !== undefined) continue;
      this.#own.add(row.array);
      const text = await Deno.readTextFile(this.#shared.path("tasks", `${row.tag}.${row.index}`));
      const keys = text.trimEnd().split("\n");
      this.#elements.set(nameOf(row), { ...row, keys, row, submitted_ms: performance.now() });
      for (const key of keys) going.add(key);
    }
    if (going.size > 0) this.report(`${going.size} trials are in Slurm's queue already`);
    for (const { identity: key, block } of trials) {
      if (this.#arrived.has(key) || going.has(key)) continue;
      this.#pending.push({ key, block, exclude: [] });
    }
  }

  async carryOut(
    { trial, avoid }: Errand,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Carried> {
    const key = avoid === undefined ? trial.identity : `${trial.identity}.check`;
    if (this.#failure !== undefined) throw this.#failure;
    if (signal.aborted) return interrupted;
    const carried = Promise.withResolvers<Carried>();
    const { resolve, reject } = carried;
    this.#waits.set(key, { trial, onRecords, told: 0, resolve, reject });
    this.#trials.set(key, trial);
    if (avoid !== undefined && !this.#arrived.has(key)) {
      const others = (await nodesOf(this.options.partition)).filter((node) => node !== avoid);
      if (others.length === 0) {
        throw new LabError(
          `Cannot repeat ${trial.id} on another node than ${avoid}: Slurm has no other`,
          "Leave --check out, or name a partition with several nodes",
        );
      }
      this.#pending.push({ key, block: trial.block, exclude: [avoid] });
    }
    const stop = () => resolve(interrupted);
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await carried.promise;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#waits.delete(key);
      if (avoid === undefined) this.#left--;
    }
  }

  atWork(): { slots: number; text: string } {
    const rows = [...this.#elements.values()].map(({ row }) => row);
    const running = rows.filter((row) => row?.state === "RUNNING");
    const waiting = rows.length - running.length;
    const why = rows.find((row) => row?.state === "PENDING")?.reason;
    const queue = waiting === 0 ? "" : `, ${waiting} wait${why === undefined ? "" : ` (${why})`}`;
    return {
      slots: Math.max(1, running.length),
      text: `Slurm: ${running.length} jobs run${queue}`,
    };
  }

  async cancel(): Promise<void> {
    this.#pending = [];
    await cancelAll(this.#run);
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#loop;
    if (this.#left <= 0) await this.#shared.remove();
  }

  async #follow(): Promise<void> {
    let asked_ms = -Infinity;
    while (!this.#over) {
      try {
        await this.#gather();
        if (performance.now() - asked_ms >= askEvery_ms) {
          await this.#ask();
          asked_ms = performance.now();
        }
        await this.#submit();
      } catch (error) {
        this.#failure = error;
        for (const { reject } of this.#waits.values()) reject(error);
        return;
      }
      await delay(lookEvery_ms);
    }
  }

  /** Takes what has arrived, and follows some of those that run. */
  async #gather(): Promise<void> {
    for (const key of await this.#shared.names("results")) this.#arrived.add(key);
    for (const key of [...this.#waits.keys()].filter((key) => this.#arrived.has(key))) {
      await this.#deliver(key);
    }
    const live = (await this.#shared.names("live")).filter((key) => this.#waits.has(key));
    for (const key of live.slice(0, mostFollowed)) await this.#tell(key);
  }

  async #tell(key: string): Promise<void> {
    const wait = this.#waits.get(key);
    const text = await Deno.readTextFile(this.#shared.path("live", key)).catch(() => "");
    if (wait === undefined || text.length <= wait.told || !text.endsWith("\n")) return;
    wait.onRecords(text.slice(wait.told));
    wait.told = text.length;
  }

  async #deliver(key: string): Promise<void> {
    const wait = this.#waits.get(key)!;
    const text = await this.#shared.result(key);
    const result = readResult(text ?? "", machineOfTrial(wait.trial, this.host));
    this.#arrived.delete(key);
    if (typeof result === "string") {
      await this.#shared.drop(key);
      this.#lose(key, { reason: result, node: "", preempted: false });
      return;
    }
    await this.#shared.take(key);
    const { node, outcome, wall_s } = result;
    wait.onRecords(new TextDecoder().decode(outcome.records).slice(wait.told));
    this.#spent = { trials: this.#spent.trials + 1, wall_s: this.#spent.wall_s + wall_s };
    wait.resolve({ node, outcome: { ...outcome, wall_s } });
  }

  /** Sees what became of the elements, and what of those that have ended is missing. */
  async #ask(): Promise<void> {
    if (this.#elements.size === 0) return;
    let rows: Row[];
    try {
      rows = await queueOf(this.#run);
    } catch (error) {
      if (!(error instanceof LabError) || this.#over) throw error;
      this.report(`Slurm does not answer: ${error.message.split("\n")[0]}`, "warning");
      return;
    }
    if (rows.some(({ tag, array }) => tag === cancelledTag && this.#own.has(array))) {
      throw new LabError(
        "Cannot go on: the jobs of the run were cancelled",
        "What they have finished is kept; --resume with --on slurm submits the rest again",
      );
    }
    const seen = new Map(rows.map((row) => [nameOf(row), row]));
    for (const [name, element] of [...this.#elements]) {
      const row = seen.get(name);
      if (row === undefined && performance.now() - element.submitted_ms < unseenFor_ms) continue;
      const before = element.row;
      if (before?.state === "RUNNING" && row?.state === "PENDING") {
        this.report(
          `Slurm has requeued job ${row.array}_${row.index}, which ran on ${before.node}`,
        );
      }
      element.row = row ?? before;
      const why = row === undefined ? unknown : endingOf(row.state);
      if (why !== undefined) await this.#conclude(name, element, why);
    }
  }

  /** An element has ended: what has left no result is lost. */
  async #conclude(name: string, { keys, row }: Element, why: string): Promise<void> {
    this.#elements.delete(name);
    if (row?.state === "REQUEUE_HOLD") await cancelElement(`${row.array}_${row.index}`);
    for (const key of keys) {
      if (this.#arrived.has(key) || await this.#shared.result(key) !== undefined) {
        this.#arrived.add(key);
        continue;
      }
      await requireAnyRoom(this.#shared.dir);
      if (row !== undefined) await this.#shared.unlock(key, row.job);
      const node = row?.node ?? "";
      const said = await this.#shared.lastWords(name);
      const reason = `${why} ${node === "" ? "no node" : node}${said === "" ? "" : ` (${said})`}`;
      this.#lose(key, { reason, node, preempted: row?.state === "PREEMPTED" });
    }
  }

  /** It goes to another node, or has failed. */
  #lose(key: string, loss: Loss): void {
    const trial = this.#trials.get(key);
    if (trial === undefined) return;
    const next = this.#losses.add(key, loss);
    if (typeof next !== "string") {
      this.report(`${trial.id}: ${loss.reason}: it is submitted again`);
      this.#pending.push({ key, block: trial.block, exclude: next });
      return;
    }
    this.#waits.get(key)?.resolve({
      node: loss.node,
      outcome: {
        ...{ ended: "failed", reason: next, records: new Uint8Array(), instructions: undefined },
      },
    });
  }

  /** Submits what waits, as far as the queue has room for it. */
  async #submit(): Promise<void> {
    const most = Math.min(mostQueued, Math.floor(this.#limits.jobs / 2));
    if (this.options.maxRunning !== undefined && this.#elements.size > 0) return;
    for (const [first, ...others] of byNodes(this.#pending)) {
      const waiting = [first!, ...others];
      const room = Math.min(this.#limits.array - 1, most - this.#elements.size);
      if (room <= 0) return;
      const again = waiting.some(({ key }) => this.#losses.has(key));
      const { trials, wall_s } = this.#spent;
      const trial_s = trials > 0 ? Math.max(1, wall_s / trials) : usual_s;
      const elements = elementsOf(waiting, trial_s, again).slice(0, room);
      if (
        !await this.#submitArray(elements, await leftOut(first!.exclude, this.options.partition))
      ) return;
      const submitted = new Set(elements.flat());
      this.#pending = this.#pending.filter(({ key }) => !submitted.has(key));
      if (this.options.maxRunning !== undefined) return;
    }
  }

  async #submitArray(elements: string[][], exclude: readonly string[]): Promise<boolean> {
    const tag = `a${++this.#arrays}`;
    for (const [index, keys] of elements.entries()) {
      await this.#shared.put("tasks", `${tag}.${index}`, keys.map((key) => `${key}\n`).join(""));
    }
    try {
      const array = await submit({
        ...{
          run: this.#run,
          tag,
          elements: elements.length,
          memory_mib: this.#memory_mib,
          exclude,
        },
        ...{ script: this.#script, logs: join(this.#shared.dir, "logs") },
      }, this.options);
      this.#own.add(array);
    } catch (error) {
      /* A bad option is refused at once; a full queue, or a controller that is begun anew, later. */
      if (this.#arrays === 1 || ++this.#refusals > mostRefusals) throw error;
      this.report(`${(error as Error).message.split("\n")[0]}: it is tried again`, "warning");
      return false;
    }
    this.#refusals = 0;
    const submitted_ms = performance.now();
    for (const [index, keys] of elements.entries()) {
      const element = { tag, index, keys, row: undefined, submitted_ms };
      this.#elements.set(nameOf(element), element);
    }
    return true;
  }
}

const interrupted: Carried = { node: "", outcome: { ended: "interrupted" } };

function nameOf({ tag, index }: Pick<Row, "tag" | "index">): string {
  return `${tag}.${index}`;
}
