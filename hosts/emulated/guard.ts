// SPDX-License-Identifier: Apache-2.0
/** Looks after a running emulator, and ends it when it does not get on. */
import { delay } from "@std/async";
import { recordOr } from "../../contract/record.ts";
import { activityOf } from "./look.ts";
import { instructionsPer_ms } from "./patience.ts";
import { lookEvery_s, type Patience, Watch } from "./watch.ts";

/** So long after the emulator has ended the guard has too. */
const step_ms = 100;

export class Guard implements AsyncDisposable {
  readonly #ends = new AbortController();
  /** Told to whoever runs the emulator that it is to end. */
  readonly signal: AbortSignal = this.#ends.signal;
  readonly #state: string | undefined;
  readonly #watching: Promise<string | undefined>;
  #pid: number | undefined;
  #phase = "boot";
  #heard = 0;
  #over = false;

  /**
   * What the host's kernel says on its console does not count: it is what one says that hangs, again and
   * again.
   *
   * @param state the file that the machine is saved to, if it is: when that grows, the emulator gets on
   */
  constructor(patience: Patience, state?: string) {
    this.#state = state;
    this.#watching = this.#watch(new Watch({ ...patience, instructionsPer_ms }));
  }

  /** It runs, as this process or a descendant of it. */
  started(pid: number): void {
    this.#pid = pid;
  }

  /** The machine has said something: whole lines of records. */
  heard(lines: string): void {
    if (lines === "") return;
    this.#heard += lines.length;
    const last = recordOr(lines.trimEnd().split("\n").at(-1)!, {});
    if (typeof last !== "string") this.#phase = last.phase;
  }

  /** The emulator has ended. @returns what was wrong with it, if that is why. */
  verdict(): Promise<string | undefined> {
    this.#over = true;
    return this.#watching;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.verdict();
  }

  async #watch(watch: Watch): Promise<string | undefined> {
    for (let passed_ms = step_ms; !this.#over; passed_ms += step_ms) {
      await delay(step_ms);
      if (this.#over || passed_ms < lookEvery_s * 1000) continue;
      passed_ms = 0;
      const bytes = this.#heard + await sizeOf(this.#state);
      const activity = this.#pid === undefined ? undefined : await activityOf(this.#pid);
      if (this.#over) return undefined;
      const { cpu_s, stopped = false } = activity ?? {};
      const found = watch.see({ cpu_s, stopped, bytes }, this.#phase);
      if (found === undefined) continue;
      this.#ends.abort();
      return found;
    }
    return undefined;
  }
}

/** 0 where there is no such file. */
async function sizeOf(path: string | undefined): Promise<number> {
  return path === undefined ? 0 : await Deno.stat(path).then(({ size }) => size, () => 0);
}
