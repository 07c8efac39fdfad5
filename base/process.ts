// SPDX-License-Identifier: Apache-2.0
/**
 * Runs other programs: arguments as a list and never through a shell, with a time limit, a log,
 * and an error that shows what the program said last.
 *
 * Every child is started as `setpriv --pdeathsig TERM -- timeout --kill-after ... PROGRAM`.
 * `timeout` gives it a process group of its own and ends the whole group when the limit is up or
 * when it is told to stop; the parent-death signal does the same when the lab itself is killed.
 * No build or virtual machine is left running behind the lab's back, whichever way it goes.
 */
import { LabError } from "./errors.ts";
import { writing } from "./full_disk.ts";
import { Interrupted, interruption } from "./interruption.ts";
import { machineError } from "./machine_error.ts";

export interface RunOptions {
  /** Where the program starts. */
  cwd?: string;
  /**
   * What the program runs inside of: words that come before it, such as another program's with its
   * options. Messages do not show them.
   */
  within?: readonly string[];
  /** Added to the few inherited variables (see `inherited`); also for what it runs inside of. */
  env?: Record<string, string>;
  /** After this long the program and all its children are ended. */
  timeLimit_s: number;
  /** Standard output and error go to this file (appended); without it they are kept in memory. */
  log?: string;
  /** Let the program write to the lab's own output instead; nothing is kept. */
  inherit?: boolean;
  /** Told each piece of standard output as it comes; nothing of it is kept then. */
  onOutput?: (bytes: Uint8Array) => void;
  /** Given to the program on standard input. */
  stdin?: Uint8Array;
  /** Ends the program early. */
  signal?: AbortSignal;
  /** Told the process that the program is a descendant of, for those who watch it. */
  started?: (pid: number) => void;
  /** What was being done, for the error: "build the host kernel". */
  purpose: string;
  /** Exit statuses other than 0 that are no failure. */
  accept?: readonly number[];
  /** What the person can do about a failure. */
  next?: string;
}

export interface RunResult {
  /** Standard output as text; empty when it went to a log. */
  stdout: string;
  /** Standard error as text; empty when it went to a log. */
  stderr: string;
  /** 0, or one of the statuses that were to be accepted. */
  status: number;
  /** Wall time. */
  seconds: number;
}

/** A program that has ended otherwise than it should; the message has its last lines. */
export class ProgramFailed extends LabError {
  /** How, in a few words: "was ended by SIGKILL". */
  readonly how: string;

  /** As the sentence for a person has it, and the part of it that names no path. */
  constructor(message: string, how: string, next?: string) {
    super(message, next);
    this.how = how;
  }
}

/**
 * The only variables that children see. CFLAGS, MAKEFLAGS, ARCH, LANG and their like would change
 * what is built, so they stay out; the proxies are needed where the mirror is behind one.
 */
const inherited = [
  "PATH",
  "HOME",
  "TMPDIR",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "APT_CONFIG",
  "SSL_CERT_FILE",
  "SLURM_CONF",
];

/** How long a program has to tidy up after SIGTERM before it gets SIGKILL. */
const graceTime_s = 5;

/** Lines of the log that an error shows. */
const lastLineCount = 15;

/** What those say next who have nothing of their own to say: builds keep what is whole, and nothing else. */
const goOn = "What was finished is kept: the same call goes on from there";

/** `timeout` reports its own limit with this status. */
const timedOutStatus = 124;

/**
 * Runs a program to its end.
 *
 * @throws {ProgramFailed} when the program is missing, fails, or outlasts its time limit;
 * {@linkcode Interrupted} when the lab was told to stop.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const began_ms = performance.now();
  using sink = options.log === undefined ? undefined : await openLog(options.log, program, args);
  const child = start(program, args, options);
  options.started?.(child.pid);
  const stop = () => stopChild(child);
  const stops = [interruption, ...(options.signal === undefined ? [] : [options.signal])];
  for (const signal of stops) signal.addEventListener("abort", stop, { once: true });
  if (stops.some(({ aborted }) => aborted)) stop();
  try {
    const feeding = feed(child, options.stdin);
    const [stdout, stderr, status] = await Promise.all([
      options.inherit ? "" : collect(child.stdout, sinkOf(options) ?? sink),
      options.inherit ? "" : collect(child.stderr, sink),
      child.status,
      feeding,
    ]);
    const seconds = (performance.now() - began_ms) / 1000;
    if (status.success || options.accept?.includes(status.code)) {
      return { stdout, stderr, status: status.code, seconds };
    }
    const said = sink === undefined ? stderr + stdout : await Deno.readTextFile(options.log!);
    if (interruption.aborted) throw new Interrupted(`"${program}" was stopped`, goOn);
    throw failure(program, args, options, { status, seconds, said });
  } catch (error) {
    /* Its log cannot be written, say: nobody would hear of it any more. */
    stop();
    await child.status;
    throw error;
  } finally {
    for (const signal of stops) signal.removeEventListener("abort", stop);
  }
}

function start(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Deno.ChildProcess {
  const environment: Record<string, string> = { LC_ALL: "C", TZ: "UTC" };
  for (const name of inherited) {
    const value = Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  const own = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const limits = ["--kill-after", String(graceTime_s), String(options.timeLimit_s)];
  try {
    return new Deno.Command("setpriv", {
      // env(1), since Deno hands no variable of the dynamic loader's to a child.
      args: [
        ...["--pdeathsig", "TERM", "--", "timeout", ...limits, "env", ...own],
        ...[...options.within ?? [], program, ...args],
      ],
      clearEnv: true,
      env: environment,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: options.stdin === undefined ? "null" : "piped",
      stdout: options.inherit ? "inherit" : "piped",
      stderr: options.inherit ? "inherit" : "piped",
    }).spawn();
  } catch (error) {
    const said = machineError(error) ?? (error as Error);
    throw new LabError(`Cannot ${options.purpose}: ${said.message}`, options.next, {
      cause: error,
    });
  }
}

/**
 * `timeout` passes SIGTERM on to the whole group, lets those go on that somebody has stopped, and sends
 * SIGKILL after the grace time. It may have been stopped with the others.
 */
function stopChild(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
    child.kill("SIGCONT");
  } catch {
    // It has ended already.
  }
}

/** Where a program's output goes that is not kept in memory. */
interface Log extends Disposable {
  write(bytes: Uint8Array): Promise<void>;
}

function openLog(path: string, program: string, args: readonly string[]): Promise<Log> {
  return writing(path, async () => {
    const file = await Deno.open(path, { append: true, create: true });
    const write = async (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    };
    await write(new TextEncoder().encode(`$ ${commandLine(program, args)}\n`));
    return {
      write: (bytes) => writing(path, () => write(bytes)),
      [Symbol.dispose]: () => file.close(),
    };
  });
}

function sinkOf({ onOutput }: RunOptions): Pick<Log, "write"> | undefined {
  if (onOutput === undefined) return undefined;
  return { write: (bytes) => Promise.resolve(onOutput(bytes)) };
}

async function feed(child: Deno.ChildProcess, bytes: Uint8Array | undefined): Promise<void> {
  if (bytes === undefined) return;
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes);
    await writer.close();
  } catch {
    // The program closed its input early; its exit status says whether that was a failure.
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  sink: Pick<Log, "write"> | undefined,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    if (sink === undefined) text += decoder.decode(chunk, { stream: true });
    else await sink.write(chunk);
  }
  return text + decoder.decode();
}

/** How a failed program ended. */
interface Ending {
  status: Deno.CommandStatus;
  seconds: number;
  said: string;
}

function failure(
  program: string,
  args: readonly string[],
  options: RunOptions,
  ending: Ending,
): LabError {
  const lines = ending.said.trimEnd().split("\n");
  const shown = lines.slice(-lastLineCount).map((line) => `  | ${line}`).join("\n");
  const where = options.log === undefined ? "" : `\n  (all of it: ${options.log})`;
  const how = howItEnded(options, ending);
  return new ProgramFailed(
    `Cannot ${options.purpose}: "${program}" ${how}\n` +
      `  $ ${commandLine(program, args)}\n${shown}${where}`,
    how,
    options.next,
  );
}

function howItEnded(options: RunOptions, { status, seconds }: Ending): string {
  if (options.signal?.aborted) return "was stopped";
  // A group that needs SIGKILL takes `timeout` with it, so the status alone cannot tell.
  if (status.code === timedOutStatus || seconds >= options.timeLimit_s) {
    return `did not finish within ${options.timeLimit_s} s`;
  }
  if (status.code === 127) return "is not installed";
  if (status.signal !== null) return `was ended by ${status.signal}`;
  return `failed with exit status ${status.code}`;
}

/** The command as a person could paste it into a shell. */
export function commandLine(program: string, args: readonly string[]): string {
  return [program, ...args]
    .map((word) => /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
    .join(" ");
}

const here = new Map<string, Promise<boolean>>();
const lookLimit_s = 10;

/** Whether this machine has a program; each is looked for once. */
export function isHere(program: string): Promise<boolean> {
  const known = here.get(program) ?? look(program);
  here.set(program, known);
  return known;
}

async function look(program: string): Promise<boolean> {
  const { status } = await run(program, ["--version"], {
    ...{ purpose: `look for ${program}`, timeLimit_s: lookLimit_s, accept: [1, 127] },
  });
  return status !== 127;
}
