// SPDX-License-Identifier: Apache-2.0
/**
 * Progress: a state, a pure function from it to lines, and a display that redraws them on a
 * terminal or prints what is new where there is none.
 */
import { talkNow } from "../base/report.ts";
import { canRedraw, isColoured } from "../base/terminal.ts";

export interface TrialProgress {
  id: string;
  phase: string;
  began_ms: number;
  detail: string;
  /** What it will take, by earlier trials, s. */
  expected_s: number;
}

export interface Progress {
  total: number;
  done: number;
  failed: number;
  began_ms: number;
  running: readonly TrialProgress[];
  /** What those that wait will take one after the other, s. */
  waiting_s: number;
  /** Trials at a time. */
  slots: number;
  /** What else there is to say. */
  text?: string;
}

const maxWidth = 100;

/** Trials that are shown, of those that are carried out. */
const mostShown = 16;

/** Characters of a bar: of the whole run, and of a trial. */
const bars = { run: 24, trial: 10 };

/** "0:07", "12:34". */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The picture of a state, one string a line, none longer than `columns`. */
export function render(
  state: Progress,
  now_ms: number,
  columns: number,
  colour = false,
): string[] {
  const width = Math.min(columns, maxWidth);
  const finished = state.done + state.failed;
  const shares = state.running.map((trial) => shareOf(trial, now_ms));
  const share = state.total === 0
    ? 1
    : (finished + shares.reduce((sum, one) => sum + one, 0)) / state.total;
  const failed = state.failed === 0 ? "" : `, ${state.failed} failed`;
  const left = finished === state.total
    ? ""
    : `, about ${clock(1000 * remaining_s(state, now_ms))} left`;
  const summary = `${finished}/${state.total} trials${failed}, ${clock(now_ms - state.began_ms)}`;
  const paint = state.failed > 0 ? "red" : "green";
  const more = state.text === undefined ? "" : `; ${state.text}`;
  /* Those of which nothing was heard wait in somebody's queue. */
  const shown = state.running.map((trial, at) => ({ ...trial, share: shares[at]! }))
    .filter(({ phase }) => state.running.length <= mostShown || phase !== "start")
    .slice(0, mostShown);
  const lines = [
    { bar: bar(share, bars.run), paint, text: ` ${summary}${left}${more}`, indent: "" },
    ...shown.map(({ id, phase, began_ms, detail, share }) => ({
      bar: bar(share, bars.trial),
      paint: "blue" as const,
      text: ` ${id.padEnd(32)} ${phase.padEnd(8)} ${
        clock(now_ms - began_ms).padStart(6)
      }  ${detail}`
        .trimEnd(),
      indent: "  ",
    })),
  ] as const;
  return lines.map(({ bar, paint, text, indent }) => {
    const shown = (indent + bar + text).slice(0, width);
    const from = indent.length;
    const to = from + bar.length;
    if (!colour || shown.length < to) return shown;
    return `${indent}\x1b[${paints[paint]}m${shown.slice(from, to)}\x1b[0m${shown.slice(to)}`;
  });
}

/** Colours of a terminal. */
const paints = { green: 32, red: 31, blue: 34 };

function bar(share: number, length: number): string {
  const full = Math.round(Math.max(0, Math.min(1, share)) * length);
  return "\u2588".repeat(full) + "\u2591".repeat(length - full);
}

/** Nobody can say that a trial is all done before it is. */
const mostOfRunning = 0.95;

function shareOf({ began_ms, expected_s }: TrialProgress, now_ms: number): number {
  return Math.min(mostOfRunning, (now_ms - began_ms) / (1000 * expected_s));
}

function remaining_s({ running, waiting_s, slots }: Progress, now_ms: number): number {
  const each = running.map(({ began_ms, expected_s }) =>
    Math.max(expected_s * (1 - mostOfRunning), expected_s - (now_ms - began_ms) / 1000)
  );
  const sum = waiting_s + each.reduce((all, one) => all + one, 0);
  return Math.max(sum / slots, ...each);
}

export interface Display {
  /** A line that stays. */
  say(line: string, level?: "info" | "warning"): void;
  /** The state has changed, or time has passed. */
  draw(state: Progress): void;
  close(): void;
}

const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));

/** Redraws in place; lines that stay are put above. */
export function terminalDisplay(columns: number, colour = false): Display {
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
      const lines = render(state, performance.now(), columns, colour);
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

/** Says what went wrong. */
export function quietDisplay(): Display {
  return {
    say: (line, level) => void (level === "warning" && write(`${line}\n`)),
    draw() {},
    close() {},
  };
}

/** As much as was asked for: see {@linkcode talkNow}. */
export function displayFor(): Display {
  const talk = talkNow();
  if (talk === "quiet") return quietDisplay();
  if (talk === "verbose" || !canRedraw(Deno.stderr)) return plainDisplay();
  return terminalDisplay(Deno.consoleSize().columns, isColoured(Deno.stderr));
}
