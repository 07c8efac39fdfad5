// SPDX-License-Identifier: Apache-2.0
/** Trials on machines that have nothing but ssh: each is told one at a time for each of its slots. */
import { delay } from "@std/async";
import { join } from "@std/path";
import { LabError } from "../../../base/errors.ts";
import type { Report } from "../../../base/report.ts";
import { withScratch } from "../../../store/cache.ts";
import type { Trial } from "../../../contract/trial.ts";
import type { EmulatedHost } from "../../emulated/host.ts";
import { takenBy } from "../../emulated/room.ts";
import { type Bundle, bundleOf } from "../bundle.ts";
import { definitionOf, machineOfTrial } from "../definition.ts";
import type { Carried, Errand, Pool } from "../pool.ts";
import { readResult } from "../result.ts";
import type { PoolMachine } from "./machines.ts";
import { onMachine, type Probed, probed, sendBundle, unreachable } from "./remote.ts";

/** Machines may be lost through no fault of a trial's. */
const mostMachines = 4;

/** A machine that was lost is asked so often whether it is there again. */
const askAgain_ms = 15_000;

/** With no machine left, so long is waited for one. */
const longestWithout_ms = 120_000;

/** What a machine has said is looked for so often. */
const lookEvery_ms = 500;

/** A trial is ended there by its own CPU time. */
const wallLimit_s = 30 * 24 * 3600;

interface Member {
  machine: PoolMachine;
  probed: Probed | undefined;
  slots: number;
  busy: number;
}

export class SshPool implements Pool {
  readonly #members: Member[];
  #bundle!: Bundle;
  #memory_mib = 0;
  #waiting: (() => void)[] = [];
  readonly #over = new AbortController();
  #asking: Promise<void>[] = [];
  #without_ms: number | undefined;

  constructor(
    readonly host: EmulatedHost,
    readonly machines: readonly PoolMachine[],
    readonly report: Report,
  ) {
    this.#members = machines.map((machine) => ({ machine, probed: undefined, slots: 0, busy: 0 }));
  }

  get slots(): number {
    return Math.max(1, this.#members.reduce((sum, { slots }) => sum + slots, 0));
  }

  async prepare(trials: readonly Trial[]): Promise<void> {
    this.#bundle = await bundleOf(this.host.parts, trials.map(({ settings }) => settings));
    this.#memory_mib = trials.reduce(
      (most, trial) => Math.max(most, takenBy(trial, this.host).memory),
      0,
    );
    const met = await Promise.allSettled(this.#members.map((member) => this.#meet(member)));
    for (const one of met) {
      if (one.status === "rejected" && !(one.reason instanceof LabError)) throw one.reason;
    }
    if (this.#members.every(({ slots }) => slots === 0)) throw this.#nobody(met);
    for (const [at, one] of met.entries()) {
      if (one.status === "fulfilled") continue;
      this.report(`${one.reason.message}: the others carry on without it`, "warning");
      this.#askAgain(this.#members[at]!);
    }
  }

  #nobody(met: readonly PromiseSettledResult<void>[]): LabError {
    const [first] = met.flatMap((one) => one.status === "rejected" ? [one.reason as LabError] : []);
    return first ?? new LabError("Cannot run: none of the machines has memory for a single trial");
  }

  /** Finds out what a machine is, and sends what it needs. */
  async #meet(member: Member): Promise<void> {
    const { machine } = member;
    const found = await probed(machine.name, machine);
    await sendBundle(machine.name, machine, found, this.#bundle);
    const fit = Math.min(found.cpus, Math.floor(found.memory_mib / this.#memory_mib));
    member.probed = found;
    member.slots = machine.slots ?? fit;
  }

  async carryOut(
    errand: Errand,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Carried> {
    const { trial } = errand;
    const either = AbortSignal.any([signal, this.#over.signal]);
    const reasons: string[] = [];
    while (!either.aborted) {
      const member = await this.#free(errand, either);
      if (member === undefined) break;
      member.busy++;
      const ended = await this.#on(member, trial, onRecords, either)
        .finally(() => {
          member.busy--;
          this.#wake();
        });
      if (typeof ended !== "string") return ended;
      if (either.aborted) break;
      reasons.push(ended);
      if (reasons.length === mostMachines) {
        const reason = `${reasons.length} machines gave no result: ${reasons.join("; ")}`;
        return {
          node: member.machine.name,
          outcome: {
            ...{ ended: "failed", reason, records: new Uint8Array(), instructions: undefined },
          },
        };
      }
      this.report(`${trial.id}: ${ended}: it goes to another machine`);
    }
    return { node: "", outcome: { ended: "interrupted" } };
  }

  /** The machine with the most slots free, but for the one to be avoided. */
  async #free({ trial, avoid }: Errand, signal: AbortSignal): Promise<Member | undefined> {
    while (!signal.aborted) {
      const others = this.#members.filter(({ machine }) => machine.name !== avoid);
      if (others.length === 0) {
        throw new LabError(
          `Cannot repeat ${trial.id} on another machine than ${avoid}: there is no other`,
          "Leave --check out, or name several machines",
        );
      }
      const [best] = others.filter(({ slots, busy }) => busy < slots)
        .toSorted((a, b) => (b.slots - b.busy) - (a.slots - a.busy));
      if (best !== undefined) return best;
      this.#refuseToWaitForNobody(others);
      await this.#turn(signal);
    }
    return undefined;
  }

  #refuseToWaitForNobody(members: readonly Member[]): void {
    if (members.some(({ slots }) => slots > 0)) {
      this.#without_ms = undefined;
      return;
    }
    this.#without_ms ??= performance.now();
    if (performance.now() - this.#without_ms < longestWithout_ms) return;
    throw new LabError(
      `Cannot carry trials out: no machine is left of ${
        members.map(({ machine }) => machine.name)
      }`,
      "See whether they answer: ssh HOST true",
    );
  }

  #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const timer = setTimeout(resolve, lookEvery_ms * 4);
    signal.addEventListener("abort", () => resolve(), { once: true });
    return promise.finally(() => clearTimeout(timer));
  }

  #wake(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  /** @returns in words why the machine gave no result. */
  #on(
    member: Member,
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Carried | string> {
    const { machine, probed } = member;
    const { place } = probed!;
    const definition = definitionOf(trial, this.host, this.#bundle);
    return withScratch(`${trial.id}-${crypto.randomUUID().slice(0, 8)}`, async (dir) => {
      const log = join(dir, "said");
      const heard = new Heard(log, onRecords);
      const running = onMachine(
        machine,
        "sh",
        [`${place}/parts/${this.#bundle.runner}`, "one", place, machine.name],
        {
          purpose: `carry out ${trial.id} on ${machine.name}`,
          ...{ log, signal, timeLimit_s: wallLimit_s, accept: [unreachable] },
          stdin: new TextEncoder().encode(`${definition}end\n`),
        },
      );
      let over = false;
      const ending = running.then(({ status }) => status, (error: Error) => error)
        .finally(() => over = true);
      while (!over) {
        await Promise.race([ending, delay(lookEvery_ms)]);
        await heard.listen();
      }
      const ended = await ending;
      if (signal.aborted) return "interrupted";
      if (ended === unreachable) {
        this.#lose(member);
        return `${machine.name} was lost`;
      }
      if (ended instanceof Error) {
        if (!(ended instanceof LabError)) throw ended;
        return `${machine.name}: ${heard.lastWords() || ended.message.split("\n")[0]}`;
      }
      const result = readResult(heard.result, machineOfTrial(trial, this.host));
      if (typeof result === "string") return `${machine.name}: ${result}`;
      const { outcome, wall_s } = result;
      return { node: machine.name, outcome: { ...outcome, wall_s } };
    });
  }

  /** It gets no trial until it answers again. */
  #lose(member: Member): void {
    if (member.slots === 0) return;
    member.slots = 0;
    this.report(`${member.machine.name} was lost: its trials go to the others`, "warning");
    this.#askAgain(member);
  }

  #askAgain(member: Member): void {
    this.#asking.push(this.#untilItAnswers(member));
  }

  async #untilItAnswers(member: Member): Promise<void> {
    while (!this.#over.signal.aborted) {
      await delay(askAgain_ms, { signal: this.#over.signal }).catch(() => {});
      if (this.#over.signal.aborted) return;
      try {
        await this.#meet(member);
        this.report(`${member.machine.name} answers again`);
        return this.#wake();
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
      }
    }
  }

  atWork(): { slots: number; text: string } {
    const each = this.#members.map(({ machine, busy, slots }) =>
      slots === 0 ? `${machine.name} lost` : `${machine.name} ${busy}/${slots}`
    );
    return { slots: this.slots, text: each.join(", ") };
  }

  cancel(): Promise<void> {
    this.#over.abort();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#asking);
  }
}

/** What a machine has said so far: records as they come, then the result. */
class Heard {
  result = "";
  #rest = "";
  #words: string[] = [];
  #at = 0;
  #decoder = new TextDecoder();

  constructor(readonly path: string, readonly onRecords: (lines: string) => void) {}

  async listen(): Promise<void> {
    const text = this.#rest + await this.#read();
    const whole = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(whole);
    let records = "";
    for (const line of text.slice(0, whole).split(/(?<=\n)/)) {
      if (line.startsWith("{")) records += line;
      else if (this.result !== "" || line.startsWith("samepage-result")) this.result += line;
      else if (!line.startsWith("#") && !line.startsWith("$ ") && line !== "") {
        this.#words.push(line);
      }
    }
    if (records !== "") this.onRecords(records);
  }

  lastWords(): string {
    return this.#words.at(-1)?.trim() ?? "";
  }

  async #read(): Promise<string> {
    try {
      using file = await Deno.open(this.path);
      await file.seek(this.#at, Deno.SeekMode.Start);
      const parts: string[] = [];
      const buffer = new Uint8Array(65536);
      for (;;) {
        const count = await file.read(buffer);
        if (count === null) break;
        this.#at += count;
        parts.push(this.#decoder.decode(buffer.subarray(0, count), { stream: true }));
      }
      return parts.join("");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }
}
