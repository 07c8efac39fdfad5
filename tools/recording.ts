// SPDX-License-Identifier: Apache-2.0
/**
 * A session in a terminal as an animated SVG: the command is carried out on a pseudo-terminal, and what
 * it writes is drawn as a terminal would, at the time at which it was written.
 *
 *   deno run --config deno.json --allow-read --allow-write --allow-env --allow-run=setpriv \
 *     tools/recording.ts docs/demo.svg ./lab demo
 */
import { join } from "@std/path";
import xterm from "@xterm/headless";
import { run } from "../base/process.ts";

/** Size of the terminal, in characters. */
const size = { columns: 96, rows: 26 };

/** The longest the command may take. */
const limit_s = 1800;

/** What a terminal showed from a time on. */
export interface Frame {
  at_s: number;
  lines: Run[][];
}

/** Characters of one look. */
export interface Run {
  text: string;
  /** Number of one of the sixteen colours; -1 for the terminal's own. */
  colour: number;
  bold: boolean;
}

/** A piece of what was written, and how long after the one before. */
export interface Piece {
  after_s: number;
  text: string;
}

/** Pauses beyond this are cut: nobody wants to wait while nothing is to be seen. */
const longestPause_s = 1.2;

/** Pieces that come closer together than this are one picture. */
const shortest_s = 0.15;

/** The pictures of a session. */
export async function framesOf(pieces: readonly Piece[]): Promise<Frame[]> {
  const terminal = new xterm.Terminal({
    ...{ cols: size.columns, rows: size.rows, scrollback: 0, allowProposedApi: true },
  });
  const frames: Frame[] = [];
  let at_s = 0;
  for (const { after_s, text } of pieces) {
    at_s += Math.min(after_s, longestPause_s);
    await new Promise<void>((written) => terminal.write(text, written));
    const lines = linesOf(terminal);
    const last = frames.at(-1);
    if (last !== undefined && JSON.stringify(last.lines) === JSON.stringify(lines)) continue;
    if (last !== undefined && at_s - last.at_s < shortest_s) last.lines = lines;
    else frames.push({ at_s, lines });
  }
  terminal.dispose();
  return frames;
}

function linesOf(terminal: InstanceType<typeof xterm.Terminal>): Run[][] {
  const { active } = terminal.buffer;
  return Array.from({ length: size.rows }, (_, row) => {
    const line = active.getLine(active.viewportY + row);
    const runs: Run[] = [];
    for (let column = 0; column < size.columns; column++) {
      const cell = line?.getCell(column);
      const text = cell?.getChars() || " ";
      const colour = cell?.isFgPalette() ? cell.getFgColor() : -1;
      const bold = cell?.isBold() ? true : false;
      const last = runs.at(-1);
      if (last !== undefined && last.colour === colour && last.bold === bold) last.text += text;
      else runs.push({ text, colour, bold });
    }
    return withoutEnd(runs);
  });
}

function withoutEnd(runs: Run[]): Run[] {
  const last = runs.at(-1);
  if (last === undefined) return runs;
  last.text = last.text.trimEnd();
  return last.text === "" ? withoutEnd(runs.slice(0, -1)) : runs;
}

/** Pixels of a character, and of what is around the text. */
const character = { width: 8.4, height: 18 };
const margin = 16;

/** How long the last picture stays before all begins anew. */
const rest_s = 6;

/** Colours of a terminal on a dark ground: each has a contrast of at least 4.5. */
const palette = [
  ...["#8b949e", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#76e3ea", "#e6edf3"],
  ...["#b1bac4", "#ffa198", "#7ee787", "#f2cc60", "#a5d6ff", "#e2c5ff", "#b3f0ff", "#ffffff"],
];

/**
 * The film: all pictures one below the other, of which one is seen. The last comes first, as it is what
 * those see who want or have no animation.
 *
 * @param title what it shows, for those who cannot see it
 */
export function svgOf(frames: readonly Frame[], title: string): string {
  const height = size.rows * character.height;
  const [width, whole] = [size.columns * character.width + 2 * margin, height + 2 * margin];
  const film = [frames.at(-1)!, ...frames.slice(0, -1)];
  const total_s = frames.at(-1)!.at_s + rest_s;
  const steps = frames.map(({ at_s }, at) => {
    const place = at === frames.length - 1 ? 0 : at + 1;
    const percent = at === 0 ? 0 : 100 * at_s / total_s;
    return `${percent.toFixed(2)}%{transform:translateY(${-place * height}px)}`;
  });
  const pictures = film.map(({ lines }, at) => pictureOf(lines, at * height));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${whole}" role="img" aria-label="${
    escaped(title)
  }">
<title>${escaped(title)}</title>
<style>
text{font:14px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}
.film{animation:film ${total_s.toFixed(1)}s step-end infinite}
@keyframes film{${steps.join("")}}
@media (prefers-reduced-motion:reduce),print{.film{animation:none}}
</style>
<rect width="${width}" height="${whole}" rx="8" fill="#0d1117"/>
<svg x="${margin}" y="${margin}" width="${width - 2 * margin}" height="${height}" overflow="hidden">
<g class="film">
${pictures.join("\n")}
</g></svg></svg>
`;
}

function pictureOf(lines: readonly Run[][], top: number): string {
  return lines.flatMap((runs, row) => {
    if (runs.length === 0) return [];
    const y = top + row * character.height + 14;
    let column = 0;
    const spans = runs.map(({ text, colour, bold }) => {
      const x = (column * character.width).toFixed(1);
      column += text.length;
      const look = `${colour < 0 ? "" : ` fill="${palette[colour] ?? palette[7]}"`}${
        bold ? ' font-weight="bold"' : ""
      }`;
      const length = (text.length * character.width).toFixed(1);
      return text.trim() === ""
        ? ""
        : `<tspan x="${x}"${look} textLength="${length}">${escaped(text)}</tspan>`;
    });
    return [`<text y="${y}" xml:space="preserve">${spans.join("")}</text>`];
  }).join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/**
 * Carries a command out on a pseudo-terminal, by script(1), which writes down what comes and when.
 *
 * @throws {LabError} when the command fails.
 */
export async function record(command: readonly string[]): Promise<Piece[]> {
  const dir = await Deno.makeTempDir();
  const [out, timing] = [join(dir, "out"), join(dir, "timing")];
  try {
    const inside = `stty cols ${size.columns} rows ${size.rows}; exec ${command.join(" ")}`;
    const options = ["--quiet", "--return", "--flush", "--log-out", out, "--log-timing", timing];
    await run("script", [...options, "--command", inside], {
      purpose: "record the session",
      timeLimit_s: limit_s,
      env: { TERM: "xterm-256color", SHELL: "/bin/sh" },
    });
    const bytes = await Deno.readFile(out);
    return piecesOf(bytes, await Deno.readTextFile(timing));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** script(1) writes a line of its own before all, and says of each piece its delay and its bytes. */
export function piecesOf(bytes: Uint8Array, timing: string): Piece[] {
  let at = bytes.indexOf(10) + 1;
  const decoder = new TextDecoder();
  return [...timing.matchAll(/^(?:O )?(\d+\.\d+) (\d+)$/gm)].map(([, after, length]) => {
    const part = bytes.subarray(at, at += Number(length));
    return { after_s: Number(after), text: decoder.decode(part, { stream: true }) };
  });
}

/** What a person types before it: a letter at a time. */
export function typed(command: string): Piece[] {
  return [
    { after_s: 0, text: "$ " },
    ...[...command].map((text) => ({ after_s: 0.08, text })),
    { after_s: 0.5, text: "\r\n" },
  ];
}

if (import.meta.main) {
  const [target, ...command] = Deno.args;
  if (target === undefined || command.length === 0) {
    console.error("Usage: tools/recording.ts FILE.svg COMMAND ...");
    Deno.exit(2);
  }
  const line = command.join(" ");
  const frames = await framesOf([...typed(line), ...await record(command)]);
  await Deno.writeTextFile(target, svgOf(frames, `Recording of a terminal: ${line}`));
  console.log(`${target}: ${frames.length} pictures`);
}
