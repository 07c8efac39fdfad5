/** Follows the records of a trial to know its phase, and how much wall time each took. */
import type { TrialProgress } from "./progress.ts";

export class PhaseWatch {
  /** Wall seconds by phase; `start` is before the first. */
  readonly phases_wall_s: Record<string, number> = {};
  #since_ms = performance.now();
  #phase = "start";

  /** @param changed called when `progress` says something new. */
  constructor(readonly progress: TrialProgress, readonly changed: () => void) {}

  /** Takes whole lines of records. */
  see(lines: string): void {
    for (const line of lines.split("\n")) {
      if (line.includes('"kind":"phase"') && line.includes('"event":"begin"')) {
        this.end();
        this.#phase = (JSON.parse(line) as { phase: string }).phase;
        this.progress.phase = this.#phase;
        this.progress.detail = "";
        this.changed();
      } else if (line.includes('"kind":"ksm"') && this.#phase.endsWith("merge")) {
        const { full_scans, pages_sharing } = JSON.parse(line) as Record<string, number>;
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
