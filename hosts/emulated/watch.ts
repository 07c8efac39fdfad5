// SPDX-License-Identifier: Apache-2.0
/**
 * Whether an emulator still gets on. Wall time says nothing of it: on a busy machine a trial takes many
 * times as long. So what counts is what the emulator itself has done: that it executes at all, and how
 * much it has executed since the emulated machine last said something.
 */

/** How long to wait for an emulated machine. */
export interface Patience {
  /** The longest that a sound machine says nothing in a phase, by its own clock. */
  longestSilence_ms: (phase: string) => number;
  /** The least that the emulator executes in a second of CPU time. */
  leastSpeed_per_s: number;
  /** How long it may stand still: neither executed instructions nor output. */
  standstill_s: number;
}

/** What is known of an emulator at some moment. */
export interface Look {
  /** CPU time that it has had; nothing where that cannot be known. */
  cpu_s: number | undefined;
  /** Somebody has stopped it, as SIGSTOP does. */
  stopped: boolean;
  /** Bytes that have come out of it, in any way. */
  bytes: number;
}

/** Looks are that far apart. */
export const lookEvery_s = 2;

/** The lab's own clock of a machine: an instruction takes 8 ns, see clock.ts. */
export interface WatchOptions extends Patience {
  /** Instructions in a millisecond of the machine's own clock, when it is not idle. */
  instructionsPer_ms: number;
}

export class Watch {
  readonly #options: WatchOptions;
  #last: Look = { cpu_s: 0, stopped: false, bytes: 0 };
  /** CPU time since something came out, and time since it last executed. */
  #silent_cpu_s = 0;
  #still_s = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /**
   * Takes the next look. Time is counted in looks: while this process itself is stopped or asleep,
   * nobody looks and no time passes.
   *
   * @param phase of the machine, for what may be expected of it
   * @returns what is wrong, in words; nothing if it gets on.
   */
  see(look: Look, phase: string): string | undefined {
    const executed_s = look.cpu_s === undefined || this.#last.cpu_s === undefined
      ? lookEvery_s
      : look.cpu_s - this.#last.cpu_s;
    const spoke = look.bytes !== this.#last.bytes;
    this.#last = look;
    this.#silent_cpu_s = spoke ? 0 : this.#silent_cpu_s + executed_s;
    this.#still_s = spoke || executed_s > 0 ? 0 : this.#still_s + lookEvery_s;
    return this.#standstill(look) ?? this.#silence(phase);
  }

  #standstill({ stopped }: Look): string | undefined {
    if (this.#still_s < this.#options.standstill_s) return undefined;
    const lasted = `for ${this.#still_s} s it executed nothing`;
    return stopped
      ? `the emulator was stopped by a signal, such as SIGSTOP: ${lasted}. Find out who stops ` +
        "processes of this machine, and resume the run"
      : `the emulator hung: ${lasted}. Resume the run; if it happens again, look at this machine's ` +
        "disk and memory";
  }

  #silence(phase: string): string | undefined {
    const { longestSilence_ms, leastSpeed_per_s, instructionsPer_ms } = this.#options;
    const limit_ms = longestSilence_ms(phase);
    const limit_cpu_s = limit_ms * instructionsPer_ms / leastSpeed_per_s;
    if (this.#silent_cpu_s <= limit_cpu_s) return undefined;
    return `the emulated machine hung in the phase ${phase}: the emulator executed for ` +
      `${Math.round(this.#silent_cpu_s)} s of CPU time, in which it said nothing; ` +
      `${
        limit_ms / 1000
      } s of the machine's own time are the most. With --trace, or debug_kernel=on, ` +
      "the same trial says more of what it does there";
  }
}
