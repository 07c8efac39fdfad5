// SPDX-License-Identifier: Apache-2.0
/**
 * The emulated host: a kernel boots in the emulator, in exact mode, with an archive whose init does
 * the rest alone. Nothing enters while it runs. Records come out through shared memory, the console
 * through the emulated serial port; reading either changes nothing inside.
 */
import { delay } from "@std/async";
import { join } from "@std/path";
import { LabError, NoRoom } from "../../base/errors.ts";
import { interruption } from "../../base/interruption.ts";
import { run } from "../../base/process.ts";
import { requireAnyRoom } from "../../base/room.ts";
import type { Evidence } from "../host.ts";
import { prepareBochs } from "./bochs.ts";
import { caged, type Command, type Limits } from "./cage.ts";
import { instructionsIn, whyFailed } from "./ending.ts";
import { Guard } from "./guard.ts";
import { emulatorOf, type HostBoot, type Outlets } from "./host_boot.ts";
import { withConsole } from "./judge.ts";
import { OutputReader } from "./output.ts";
import { qemuArguments } from "./qemu.ts";
import type { Patience } from "./watch.ts";

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
  /** Of a failure. */
  evidence: Evidence;
}

/**
 * Phases are told apart in wall time no finer than that. A look reads 24 bytes, so that twenty a second
 * are nothing beside the emulator.
 */
const pollEvery_ms = 50;

/** The guard decides when an emulator is ended: this is for one that cannot be looked at. */
const wallLimit_s = 30 * 24 * 3600;

/**
 * Boots the host and waits for its end.
 *
 * @param patience how long to wait for it without a word
 * @param scratch an empty folder for the files that the emulator needs.
 * @param onRecords called with whole lines as they appear.
 * @throws {NoRoom} when the disk of the scratch folder is full, or was so at the end: neither the state
 * nor the console can then be believed whole.
 */
export async function bootHost(
  boot: HostBoot,
  patience: Patience,
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
  await using guard = new Guard(patience, boot.saveTo);
  try {
    const command = await commandFor(boot, { output, consoleFile }, scratch);
    const running = run(...command, {
      purpose: boot.purpose,
      timeLimit_s: wallLimit_s,
      log,
      signal: AbortSignal.any([signal, guard.signal]),
      started: (pid) => guard.started(pid),
    });
    let ended = false;
    const ending = running.then(() => undefined, (error: Error) => error)
      .finally(() => ended = true);
    while (!ended) {
      await Promise.race([ending, delay(pollEvery_ms)]);
      const lines = await reader.readNew();
      guard.heard(lines);
      if (lines !== "") onRecords(lines);
    }
    const error = await ending;
    onRecords(await reader.readNew(true));
    const interrupted = signal.aborted || interruption.aborted;
    if (!interrupted) await requireAnyRoom(scratch);
    if (error instanceof NoRoom) throw error;
    const [said, heard] = await Promise.all([log, consoleFile].map(textIn));
    const records = reader.bytes();
    const failure = interrupted
      ? "it was interrupted"
      : withConsole(await guard.verdict(), heard!) ??
        whyFailed({
          records,
          state: reader.state,
          log: said!,
          console: heard!,
          machine: boot,
          error,
        });
    return {
      ...{ records, failure, crashed: error !== undefined },
      ...{ interrupted, instructions: instructionsIn(said!) },
      evidence: { console: heard!, emulator: withoutCommand(said!) },
    };
  } finally {
    reader.close();
  }
}

/**
 * Beside the machine's memory: translated code, the program and its threads; 1.4 GiB of addresses were
 * seen.
 */
const emulatorAddresses_mib = 4096;

/** The console and the logs. */
const texts_mib = 64;

/** A trial with 64 guests takes a few minutes of it. */
const cpuLimit_s = 12 * 3600;

/** What the emulator may take of the machine that it runs on. */
function limitsOf({ memory_mib, outputRoom_mib, goOnFrom }: HostBoot): Limits {
  /* A saved state is there while the machine's memory is read from it. */
  const machine_mib = (goOnFrom === undefined ? 1 : 2) * memory_mib + outputRoom_mib;
  return {
    addresses_mib: machine_mib + emulatorAddresses_mib,
    file_mib: memory_mib + outputRoom_mib + texts_mib,
    cpu_s: cpuLimit_s,
  };
}

/** The emulator that has such a processor, in its cage. */
async function commandFor(boot: HostBoot, outlets: Outlets, folder: string): Promise<Command> {
  if (emulatorOf(boot) === "QEMU") {
    const cage = { folder, files: filesOf(boot), limits: limitsOf(boot) };
    return await caged(boot.emulator.qemu, qemuArguments(boot, outlets), cage);
  }
  const { bochs } = boot;
  if (bochs === undefined) throw new LabError(`Cannot ${boot.purpose}: there is no Bochs for it`);
  const cage = { folder, files: [], limits: limitsOf(boot) };
  return await caged(bochs.bochs, await prepareBochs(boot, outlets, folder), cage);
}

/** What a file of the scratch folder holds; "" where there is none. */
function textIn(path: string): Promise<string> {
  return Deno.readTextFile(path).catch(() => "");
}

/** What QEMU reads. */
function filesOf({ emulator, vmlinux, initrd, restOfPlan, goOnFrom }: HostBoot): string[] {
  const files = [emulator.firmwareDir, vmlinux, initrd, restOfPlan, goOnFrom];
  return files.filter((path) => path !== undefined);
}

/** What the emulator itself said: the line before it is the lab's. */
function withoutCommand(log: string): string {
  return log.replace(/^\$ .*\n/, "");
}
