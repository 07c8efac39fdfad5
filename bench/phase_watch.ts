// SPDX-License-Identifier: Apache-2.0
/** Follows the records of a trial to know its phase, and how much wall time each took. */
import { LabError } from "../base/errors.ts";
import { type AnyRecord, isA, readRecords } from "../contract/record.ts";
import type { TrialProgress } from "./progress.ts";

export class PhaseWatch {
  /**
   * Wall seconds by phase; `start` is before the first record came, which for a trial that goes on from
   * a saved state is the fork. Phases that came whole with one reading have none.
   */
  readonly phases_wall_s: Record<string, number> = {};
  /** What is wrong with the first line that is no record, if one is. */
  problem: string | undefined;
  #since_ms = performance.now();
  #phase = "start";
  /** Its begin came with the lines that are being read now. */
  #justBegun = false;

  /** @param changed called when `progress` says something new. */
  constructor(
    readonly progress: Pick<TrialProgress, "phase" | "detail">,
    readonly changed: () => void,
  ) {}

  /** Takes whole lines of records; once one is none, no more. */
  see(lines: string): void {
    if (this.problem !== undefined) return;
    this.#justBegun = false;
    try {
      this.#follow(readRecords(lines));
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      this.problem = error.message;
    }
  }

  #follow(records: readonly AnyRecord[]): void {
    for (const record of records) {
      if (isA(record, "phases") && record.event === "begin") {
        if (!this.#justBegun) this.end();
        this.#phase = record.phase;
        this.#justBegun = true;
        this.progress.phase = record.phase;
        this.progress.detail = "";
        this.changed();
      } else if (isA(record, "ksm") && this.#phase.endsWith("merge")) {
        const { full_scans, pages_sharing } = record;
        this.progress.detail = `${pages_sharing} pages sharing after ${full_scans} scans`;
      }
    }
  }

  /** The phase ends now. */
  end(): void {
    const now_ms = performance.now();
    const seconds = (now_ms - this.#since_ms) / 1000;
    const before = this.phases_wall_s[this.#phase] ?? 0;
    this.phases_wall_s[this.#phase] = Math.round((before + seconds) * 1000) / 1000;
    this.#since_ms = now_ms;
  }
}
