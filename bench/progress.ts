// SPDX-License-Identifier: Apache-2.0
/**
 * Progress: a state, a pure function from it to lines, and a display that redraws them on a
 * terminal or prints what is new where there is none.
 */

export interface TrialProgress {
  id: string;
  phase: string;
  began_ms: number;
  detail: string;
}

export interface Progress {
  total: number;
  done: number;
  failed: number;
  began_ms: number;
  running: readonly TrialProgress[];
}

const maxWidth = 100;

/** "0:07", "12:34". */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The picture of a state, one string a line, none longer than `columns`. */
export function render(state: Progress, now_ms: number, columns: number): string[] {
  const width = Math.min(columns, maxWidth);
  const finished = state.done + state.failed;
  const failed = state.failed === 0 ? "" : `, ${state.failed} failed`;
  const left = remaining_ms(state, now_ms);
  const summary = `${finished}/${state.total} trials${failed}, ${clock(now_ms - state.began_ms)}` +
    (left === undefined ? "" : `, about ${clock(left)} left`);
  const trials = state.running.map(({ id, phase, began_ms, detail }) =>
    `  ${id.padEnd(32)} ${phase.padEnd(8)} ${clock(now_ms - began_ms).padStart(6)}  ${detail}`
  );
  return [summary, ...trials].map((line) => line.slice(0, width));
}

/** From the pace so far, once a trial has finished. */
function remaining_ms({ total, done, failed, began_ms }: Progress, now_ms: number) {
  const finished = done + failed;
  if (finished === 0 || finished === total) return undefined;
  return (now_ms - began_ms) / finished * (total - finished);
}

export interface Display {
  /** A line that stays. */
  say(line: string): void;
  /** The state has changed, or time has passed. */
  draw(state: Progress): void;
  close(): void;
}

const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));

/** Redraws in place; lines that stay are put above. */
export function terminalDisplay(columns: number): Display {
  let drawn = 0;
  const clear = () => {
    if (drawn > 0) write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  return {
    say(line) {
      clear();
      write(`${line}\n`);
    },
    draw(state) {
      clear();
      const lines = render(state, performance.now(), columns);
      write(lines.map((line) => `${line}\n`).join(""));
      drawn = lines.length;
    },
    close: clear,
  };
}

/** Says when a trial enters a phase, and nothing else. */
export function plainDisplay(): Display {
  const phases = new Map<string, string>();
  return {
    say: (line) => void write(`${line}\n`),
    draw(state) {
      for (const { id, phase } of state.running) {
        if (phases.get(id) === phase) continue;
        phases.set(id, phase);
        const finished = state.done + state.failed;
        write(
          `[${clock(performance.now() - state.began_ms)}] ${finished}/${state.total} ` +
            `${id}: ${phase}\n`,
        );
      }
    },
    close() {},
  };
}

export function displayFor(): Display {
  if (!Deno.stderr.isTerminal()) return plainDisplay();
  return terminalDisplay(Deno.consoleSize().columns);
}
