// SPDX-License-Identifier: Apache-2.0
/**
 * The emulated host: a kernel boots in the emulator, in exact mode, with an archive whose init does
 * the rest alone. Nothing enters while it runs. Records come out through shared memory, the console
 * through the emulated serial port; reading either changes nothing inside.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import { run } from "../../base/process.ts";
import { consoleProblems, consoleTail } from "./console.ts";
import { emulatorArguments, type HostBoot } from "./machine.ts";
import { OutputReader } from "./output.ts";

/** How it ended. */
export interface BootOutcome {
  /** The records as they came, without a closing line. */
  records: Uint8Array;
  /** Why it failed, or nothing. */
  failure: string | undefined;
  /** The emulator ended otherwise than by itself, without an error. */
  crashed: boolean;
  /** It was ended by the signal. */
  interrupted: boolean;
  /** Executed by the host from power-on to its end; nothing when the emulator did not say. */
  instructions: number | undefined;
}

/**
 * Phases are told apart in wall time no finer than that. A look reads 24 bytes, so that twenty a second
 * are nothing beside the emulator.
 */
const pollEvery_ms = 50;

/**
 * Boots the host and waits for its end.
 *
 * @param scratch an empty folder for the files that the emulator needs.
 * @param onRecords called with whole lines as they appear.
 */
export async function bootHost(
  boot: HostBoot,
  scratch: string,
  onRecords: (lines: string) => void,
  signal: AbortSignal,
): Promise<BootOutcome> {
  const output = join(scratch, "output");
  const consoleFile = join(scratch, "console");
  const log = join(scratch, "emulator.log");
  const reader = await OutputReader.create(
    output,
    boot.outputRoom_mib * 2 ** 20,
    boot.goOnFrom !== undefined,
  );
  try {
    const running = run(
      boot.emulator.qemu,
      emulatorArguments(boot, { output, consoleFile }),
      {
        purpose: boot.purpose,
        timeLimit_s: boot.timeLimit_s,
        log,
        signal,
      },
    );
    let ended = false;
    const ending = running.then(() => undefined, (error: Error) => error)
      .finally(() => ended = true);
    while (!ended) {
      await Promise.race([ending, delay(pollEvery_ms)]);
      const lines = await reader.readNew();
      if (lines !== "") onRecords(lines);
    }
    const error = await ending;
    onRecords(await reader.readNew(true));
    const interrupted = signal.aborted;
    const failure = interrupted
      ? "it was interrupted"
      : error?.message ?? await judge(reader, consoleFile);
    const instructions = await instructionsIn(log);
    return {
      ...{ records: reader.bytes(), failure, crashed: error !== undefined },
      ...{ interrupted, instructions },
    };
  } finally {
    reader.close();
  }
}

/** The emulator's last words (see its patch 0005). */
async function instructionsIn(log: string): Promise<number | undefined> {
  const said = /executed instructions: (\d+)/.exec(await Deno.readTextFile(log).catch(() => ""));
  return said === null ? undefined : Number(said[1]);
}

/** What the records or the console say against it. */
async function judge(reader: OutputReader, consoleFile: string): Promise<string | undefined> {
  const said = await Deno.readTextFile(consoleFile).catch(() => "");
  const problems = consoleProblems(said);
  if (reader.state === "done" && problems === undefined) return undefined;
  if (problems !== undefined) return `the host's kernel complained:\n${problems}`;
  const reason = reader.failureReason();
  if (reason !== undefined) return reason;
  return `the host ended without a word (output: ${reader.state}); its console's end:\n` +
    consoleTail(said);
}
