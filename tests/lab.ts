// SPDX-License-Identifier: Apache-2.0
/** Calls the lab as a person does, for the tests that boot something. */
import { dirname, join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { run } from "../base/process.ts";

export const root = join(import.meta.dirname!, "..");

/** The longest a test's command may take: a first run builds kernels and emulator. */
const limit_s = 3600;

export interface Answer {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs `./lab ARGS` and gives what it said, whatever its exit status. */
export function lab(...args: string[]): Promise<Answer> {
  return labWith({}, ...args);
}

/** The same with further variables. */
export async function labWith(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Answer> {
  const { status, stdout, stderr } = await run(join(root, "lab"), args, {
    purpose: `run ./lab ${args.join(" ")}`,
    timeLimit_s: limit_s,
    accept: [1, 2, 70, 130, 143],
    env: { XDG_CACHE_HOME: dirname(cacheRoot()), ...env },
  });
  return { status, stdout, stderr };
}

/** Starts `./lab run ARGS`, to be told something or killed before its end, as it is when this process dies. */
export function startRun(args: readonly string[]) {
  /* setpriv gives way to the shell, and that to Deno: the process is the lab itself. */
  return new Deno.Command("setpriv", {
    args: ["--pdeathsig", "KILL", "--", join(root, "lab"), "run", ...args],
    env: { XDG_CACHE_HOME: dirname(cacheRoot()) },
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

export interface RunLine {
  run: string;
  trials: number;
  failed: number;
  /** Trials that were not begun, or not ended. */
  waiting: number;
  /** Trials that were taken from another run. */
  reused: number;
  digest: string;
}

/** The one line that `lab run --json` prints. */
export function runLine({ stdout, stderr }: Answer): RunLine {
  const lines = stdout.trimEnd().split("\n");
  if (lines.length !== 1) throw new Error(`not one line: ${stdout}\n${stderr}`);
  return JSON.parse(lines[0]!) as RunLine;
}

/** Rows of a question about a run. */
export async function rows(run: string, question: string): Promise<Record<string, unknown>[]> {
  const { status, stdout, stderr } = await lab("query", run, question, "--json");
  if (status !== 0) throw new Error(stderr);
  return (JSON.parse(stdout) as { rows: Record<string, unknown>[] }).rows;
}

/** The records of all trials of a run, in order. */
export async function recordsOf(run: string): Promise<string[]> {
  const { trials } = JSON.parse(await Deno.readTextFile(reportPath(run, "run.json")));
  return await Promise.all(
    trials.map((trial: { records: string }) => Deno.readTextFile(reportPath(run, trial.records))),
  );
}

/**
 * Keeps a core busy from within this process, until it is terminated.
 *
 * The loop looks for that itself: Deno ends a worker between two tasks alone, so that one whose
 * only task has no end goes on beside every later test of the process.
 */
export function keepCoreBusy(): { terminate(): void } {
  const code = `onmessage = ({ data }) => {
    const ended = new Int32Array(data);
    for (let x = 0; Atomics.load(ended, 0) === 0;) x = Math.sqrt(x + 1);
    close();
  };`;
  const worker = new Worker(
    URL.createObjectURL(new Blob([code], { type: "text/javascript" })),
    { type: "module" },
  );
  const ended = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  worker.postMessage(ended);
  return { terminate: () => void Atomics.store(new Int32Array(ended), 0, 1) };
}

/** Removes the folder of a test's run. */
export async function removeRun(run: string): Promise<void> {
  await Deno.remove(join(root, "reports", run), { recursive: true });
}

export function reportPath(run: string, file: string): string {
  return join(root, "reports", run, file);
}
