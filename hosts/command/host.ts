// SPDX-License-Identifier: Apache-2.0
/**
 * A real host: this machine or another. Its agent works alone there; the lab reads what it records as it
 * comes, and may lose the connection, or be killed, without the trial noticing.
 */
import { isA, readRecord } from "../../contract/record.ts";
import { LabError } from "../../base/errors.ts";
import { Interrupted } from "../../base/interruption.ts";
import type { Settings } from "../../contract/settings.ts";
import type { InputDigests, Trial } from "../../contract/trial.ts";
import type { Host, HostFacts, Outcome } from "../host.ts";
import { withCounted } from "./around.ts";
import type { Bundle } from "./bundle.ts";
import { factsOf, objectionToTrial, type ProbedHost } from "./facts.ts";
import { type OnHost, type Standing, Unreachable } from "./on_host.ts";
import { realPlan } from "./plan.ts";
import { Received } from "./received.ts";

/** What a real host carries out trials with. */
export interface CommandHostParts {
  /** The bundle for trials with these settings, and where in it the guests' disk lies. */
  bundleOf: (settings: Settings) => { bundle: Bundle; disk: string | undefined };
  inputsOf: (settings: Settings) => InputDigests;
}

/** How long to wait for a host that does not answer. */
export interface Patience {
  /** It is then lost. */
  unreachable_s: number;
  /** Between one try and the next. */
  again_s: number;
}

/** A reboot of a server takes minutes, but no trial survives it; a line that is down is soon up again. */
export const usualPatience: Patience = { unreachable_s: 120, again_s: 2 };

/** A trial ends itself after this, its longest phase aside. */
const mostBeside_s = 3600;

export class CommandHost implements Host {
  readonly name: string;
  readonly exact = false;

  constructor(
    readonly on: OnHost,
    readonly probed: ProbedHost,
    private readonly parts: CommandHostParts,
    private readonly patience: Patience = usualPatience,
  ) {
    this.name = on.name;
  }

  facts(): Promise<HostFacts> {
    return Promise.resolve(factsOf(this.probed));
  }

  objection(settings: Settings): string | undefined {
    return objectionToTrial(this.probed, settings);
  }

  inputsOf(settings: Settings): InputDigests {
    return this.parts.inputsOf(settings);
  }

  async carryOut(
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    try {
      return await this.#carryOut(trial, onRecords, signal);
    } catch (error) {
      if (error instanceof Interrupted || signal.aborted) return await this.#giveUp(trial);
      if (error instanceof Unreachable) return { ended: "lost", reason: error.message };
      throw error;
    }
  }

  async #carryOut(
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { settings } = trial;
    const { bundle, disk } = this.parts.bundleOf(settings);
    const most_s = mostBeside_s + Math.ceil(settings.merge_limit_ms / 1000);
    const cpus = this.probed.cores.slice(-settings.host_cpus);
    const id = trialName(trial);
    const begun = await this.#patiently(signal, async () => {
      await this.on.push(bundle.digest, bundle.path);
      const plan = realPlan(trial, disk);
      return await this.on.begin({ id, plan, digest: bundle.digest, most_s, cpus });
    });
    if ("busy" in begun) {
      throw new LabError(
        `Cannot carry out ${trial.id}: on ${this.name} the trial ${begun.busy} runs already`,
        `Wait for it, or end it: ./lab host restore ${this.name}`,
      );
    }
    const received = new Received(onRecords);
    const standing = await this.#receive(trial, received, most_s, signal);
    const records = received.bytes();
    const wrong = judge(standing, records, this.name);
    const counted = wrong === undefined
      ? await this.#patiently(signal, () => this.on.counted(id))
      : undefined;
    if (standing.sameBoot || standing.status !== undefined) {
      await this.#patiently(signal, () => this.on.taken(id));
    }
    if (counted !== undefined) {
      const whole = withCounted(records, counted, cpus);
      return { ended: "done", records: whole, instructions: undefined };
    }
    if (!standing.sameBoot) return { ended: "lost", reason: wrong! };
    return { ended: "failed", records, reason: wrong!, instructions: undefined };
  }

  /** All records, however often the connection is lost meanwhile. */
  async #receive(
    trial: Trial,
    received: Received,
    limit_s: number,
    signal: AbortSignal,
  ): Promise<Standing> {
    const id = trialName(trial);
    for (;;) {
      const standing = await this.#patiently(signal, async () => {
        const take = (bytes: Uint8Array) => received.add(bytes);
        await this.on.follow(id, received.length, take, { limit_s, signal });
        return await this.on.ended(id);
      });
      const over = standing.status !== undefined || !standing.sameBoot;
      if (over && received.length >= standing.bytes) return standing;
      if (!over) await pause(this.patience.again_s, signal);
    }
  }

  /** Tries again for as long as the host cannot be reached and there is patience. */
  async #patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { unreachable_s, again_s } = this.patience;
    let since_ms: number | undefined;
    for (;;) {
      const began_ms = performance.now();
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Unreachable) || signal.aborted) throw error;
        /* What went well for a while has begun anew. */
        const lasted_s = (performance.now() - began_ms) / 1000;
        if (since_ms === undefined || lasted_s > unreachable_s) since_ms = performance.now();
        if (performance.now() - since_ms > unreachable_s * 1000) throw error;
        await pause(again_s, signal);
      }
    }
  }

  /** What has been begun is ended there, if the host can be told. */
  async #giveUp(trial: Trial): Promise<Outcome> {
    await this.on.stop(trialName(trial)).catch(() => {});
    return { ended: "interrupted" };
  }
}

/** By which a host knows a trial again, should the lab be killed: the same in another run of it. */
export function trialName({ identity }: Pick<Trial, "identity">): string {
  return identity.slice(0, 24);
}

/** Why a trial that has ended is not to be trusted; nothing if it is done and nobody complained. */
export function judge(
  { sameBoot, status, complaints, said }: Standing,
  records: Uint8Array,
  host: string,
): string | undefined {
  if (!sameBoot) return `${host} was started anew in the midst of it`;
  if (complaints > 0) {
    return `the kernel of ${host} complained (${complaints} lines of BUG, Oops or WARNING): what it counted ` +
      "is not to be trusted. See dmesg there";
  }
  if (status === 0) return undefined;
  const last = new TextDecoder().decode(records).trimEnd().split("\n").at(-1) ?? "";
  if (last !== "") {
    const record = readRecord(last);
    if (isA(record, "failures")) return record.reason;
  }
  if (/No space left on device/.test(said)) return `the disk of ${host} is full`;
  const how = status === killed ? "its agent was killed" : `its agent ended with status ${status}`;
  return said === "" ? how : `${how}: ${said}`;
}

/** 128 and SIGKILL, as a shell has it. */
const killed = 137;

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, seconds * 1000);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
  });
}
