// SPDX-License-Identifier: Apache-2.0
/**
 * For tests that boot nothing: a host whose trials are scripted. It says what a real agent would, in few
 * records, and ends as the script has it.
 */
import { sha256OfJson } from "../base/digest.ts";
import type { InputDigests, Trial } from "../contract/trial.ts";
import type { Settings } from "../contract/settings.ts";
import type { Host, HostFacts, Outcome } from "./host.ts";

/** How a trial goes on this host. */
export type Script =
  | "done"
  /** The agent gives up. */
  | "failed"
  /** The host is gone in the midst of it. */
  | "lost"
  /** It goes on until it is interrupted. */
  | "endless"
  /** Done, with what are no records. */
  | "garbage"
  /** Done, with other records than the same trial gave before: no exact host does that. */
  | "lies"
  /** Done, while its CPUs were slowed down and another machine had some of their time. */
  | "disturbed";

export interface FakeOptions {
  name?: string;
  exact?: boolean;
  /** How each trial goes, by what comes first; "done" where nothing is said. */
  script?: (trial: Trial, attempt: number) => Script;
  /** Why it would not carry out such a trial. */
  objection?: (settings: Settings) => string | undefined;
  /** How long a trial takes, wall time. */
  takes_ms?: number;
  /** How many instructions it says that a trial took; 1000 each where nothing is said. */
  instructions?: (trial: Trial) => number;
}

const encoder = new TextEncoder();

export class FakeHost implements Host {
  readonly name: string;
  readonly exact: boolean;
  /** Ids of all trials that were begun, in order. */
  readonly begun: string[] = [];
  /** How many were carried out at the same time, at the most. */
  mostAtOnce = 0;
  #now = 0;
  readonly #options: FakeOptions;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.name = options.name ?? "fake";
    this.exact = options.exact ?? true;
  }

  facts(): Promise<HostFacts> {
    return Promise.resolve({
      ...{ arch: "x86_64", vendor: "svm", kernels: ["6.1"], cpus: 1, page_bytes: 4096 },
      hasSwitch: true,
    });
  }

  objection(settings: Settings): string | undefined {
    return this.#options.objection?.(settings);
  }

  inputsOf({ kernel, arm }: Settings): InputDigests {
    return { kernel: sha256OfJson([kernel, arm === "stock"]) };
  }

  async carryOut(
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { script = () => "done" as const, takes_ms = 0 } = this.#options;
    this.begun.push(trial.id);
    const attempt = this.begun.filter((id) => id === trial.id).length;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#now);
    try {
      return await this.#end(script(trial, attempt), trial, onRecords, signal, takes_ms);
    } finally {
      this.#now--;
    }
  }

  async #end(
    script: Script,
    trial: Trial,
    onRecords: (lines: string) => void,
    signal: AbortSignal,
    takes_ms: number,
  ): Promise<Outcome> {
    const text = script === "garbage"
      ? "{}\n"
      : recordsOf(trial, script === "lies" ? 2 : 1) + (script === "disturbed" ? disturbance : "");
    /* One by one, as they come while a machine works. */
    for (const line of text.split(/(?<=\n)/)) onRecords(line);
    await passes(script === "endless" ? undefined : takes_ms, signal);
    if (signal.aborted) return { ended: "interrupted" };
    const records = encoder.encode(text);
    if (script === "lost") return { ended: "lost", reason: "it does not answer" };
    if (script !== "failed") {
      return { ended: "done", records, instructions: this.#options.instructions?.(trial) ?? 1000 };
    }
    const reason = "guest 0 did not answer in time (boot)";
    return { ended: "failed", records, instructions: undefined, reason };
  }
}

/** Three times too hot, and 20 ms of another machine's. */
const disturbance = [["before", 4, 100e6], ["after", 7, 120e6]].map((
  [event, throttled, stolen_ns],
) =>
  JSON.stringify({ t_ns: 999, phase: "end", kind: "surroundings", event, throttled, stolen_ns }) +
  "\n"
).join("");

/** The records of a trial on this host, with a count of exits that a liar changes. */
export function recordsOf({ identity, phases }: Trial, count = 1): string {
  return phases.flatMap((phase, at) => [
    { t_ns: at * 10, phase, kind: "phases", event: "begin" },
    {
      t_ns: at * 10 + 1,
      phase,
      kind: "exits",
      vcpu: 0,
      guest: 0,
      reason_code: 120,
      count: (at + 1) * count,
    },
    { t_ns: at * 10 + 2, phase, kind: "phases", event: "end" },
  ]).concat([{ t_ns: 999, phase: "end", kind: "logs", source: "host", text: identity } as never])
    .map((record) => JSON.stringify(record) + "\n").join("");
}

/** Some time, or, if that is not given, for ever; cut short by the signal. */
function passes(ms: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
