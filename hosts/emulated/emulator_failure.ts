// SPDX-License-Identifier: Apache-2.0
/** Why an emulator ended that should not have, in words that name no path of this machine. */
import { NoRoom } from "../../base/errors.ts";
import { ProgramFailed } from "../../base/process.ts";
import { withoutPlaces } from "../../store/private.ts";
import { consoleTail } from "./console.ts";

/** It says so at each start: features of the processor that it does not emulate. */
const alwaysSaid = /warning: TCG doesn't support requested feature/;

/** Lines of what it said that a reason shows. */
const shownLines = 10;

/** What it says when it can write no further, such as a machine's state. */
const roomIsGone = /No space left on device|Disk quota exceeded|File too large/;

/**
 * @param log the lab's line with the command first, then what the emulator said
 * @param console what the host's kernel said
 * @throws {NoRoom} when it says itself that a disk is full.
 */
export function whyEmulatorFailed(error: Error, log: string, console: string): string {
  const lines = log.trimEnd().split("\n").slice(1).filter((line) => !alwaysSaid.test(line));
  const full = lines.find((line) => roomIsGone.test(line));
  if (full !== undefined) {
    throw new NoRoom(
      `Cannot carry out the trial: the emulator says "${full.trim()}"`,
      "Free some space, or point XDG_CACHE_HOME to a larger disk",
    );
  }
  const how = error instanceof ProgramFailed ? error.how : `cannot be run: ${error.message}`;
  const said = lines.slice(-shownLines).map((line) => `\n  | ${line}`).join("");
  const heard = consoleTail(console);
  return withoutPlaces(
    `the emulator ${how}${said === "" ? "" : `, and said:${said}`}` +
      (heard === "" ? "" : `\nThe end of the host's console:\n${heard}`),
  );
}
