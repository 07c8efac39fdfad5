// SPDX-License-Identifier: Apache-2.0
/** How a trial ended, from what an emulator has left, wherever it ran. */
import { isA, readRecord } from "../../contract/record.ts";
import { whyEmulatorFailed } from "./emulator_failure.ts";
import { judge, refusedToStart } from "./judge.ts";
import type { Machine } from "./machine.ts";
import type { OutputState } from "./output.ts";

/** What there is. */
export interface Left {
  records: Uint8Array;
  state: OutputState;
  /** The lab's line with the command, then what the emulator said. */
  log: string;
  /** What the host's kernel said. */
  console: string;
  machine: Pick<Machine, "memory_mib" | "outputRoom_mib">;
  /** How the emulator ended, if not by itself. */
  error: Error | undefined;
}

/**
 * Why a trial is not to be trusted; nothing if it is.
 *
 * @throws {NoRoom} when the emulator says that a disk is full.
 */
export function whyFailed(left: Left): string | undefined {
  const { records, state, log, console, machine: { memory_mib, outputRoom_mib }, error } = left;
  const refused = refusedToStart(log, memory_mib);
  if (refused !== undefined) return refused;
  if (error !== undefined) return whyEmulatorFailed(error, log, console);
  const reason = failureReason(records);
  return judge({ state, reason, said: console, memory_mib, outputRoom_mib });
}

/** What the agent itself gave as the reason, with the guest's console where it sent it. */
export function failureReason(records: Uint8Array): string | undefined {
  const last = new TextDecoder().decode(records).trimEnd().split("\n").at(-1);
  if (last === undefined || last === "") return undefined;
  const record = readRecord(last);
  if (!isA(record, "failures")) return undefined;
  const { reason, console } = record;
  return console ? `${reason}\n${console.trimEnd()}` : reason;
}

/** What the host executed, by the emulator's last words (see its patch 0005). */
export function instructionsIn(log: string): number | undefined {
  const said = /executed instructions: (\d+)/.exec(log);
  return said === null ? undefined : Number(said[1]);
}
