// SPDX-License-Identifier: Apache-2.0
/**
 * How long an emulated machine may take without a word. The agent inside has a limit for each of its
 * waits, by the machine's own clock, and says so when one is over; from outside it is only waited for
 * that, so that whatever ends a machine, the one who knows more gives the reason.
 */
import type { Settings } from "../../contract/settings.ts";
import { icountShift } from "./clock.ts";
import type { Patience } from "./watch.ts";

/** The agent's own limits, see agent/guest.c and agent/phases.c, and what it needs around them. */
const command_ms = 60_000;
const commandOfMiB_ms = 200;
const settleOfGuest_ms = 1_000;
const bootOfGuest_ms = 60_000;
const aroundThem_ms = 30_000;

/** A page of a guest's is read, looked up and sorted in some ten microseconds of the host's time. */
const censusOfMiB_ms = 20;

/** Everything seen so far was above 40 million a second, also on slow machines. */
const leastSpeed_per_s = 10_000_000;

/**
 * On a machine whose cores each have many others waiting, also for one that is nice to them, an emulator
 * gets some CPU time within a second or two. A disk that is busy takes longer.
 */
const standstill_s = 120;

/** Instructions in a millisecond of the machine's clock, when it is not idle. */
export const instructionsPer_ms = 1e6 / 2 ** icountShift;

/** What a trial with these settings may take. */
export function patienceWith(settings: Settings): Patience {
  return {
    leastSpeed_per_s,
    standstill_s,
    longestSilence_ms: (phase) => aroundThem_ms + longestWait_ms(phase, settings),
  };
}

function longestWait_ms(phase: string, settings: Settings): number {
  const { guests, guest_memory_mib, merge_limit_ms, observe } = settings;
  const boot_ms = bootOfGuest_ms * guests;
  const ofCommand_ms = command_ms + commandOfMiB_ms * guest_memory_mib;
  /* Else there is a record with each reading of KSM's, ten times a second. */
  const merge_ms = observe === "least" ? merge_limit_ms : command_ms;
  switch (phase) {
    case "boot":
      return boot_ms;
    case "grow":
      return Math.max(boot_ms, merge_ms, ofCommand_ms);
    case "merge":
    case "remerge":
      return merge_ms;
    case "census":
      return ofCommand_ms + censusOfMiB_ms * guest_memory_mib * guests;
    case "settle":
      return command_ms + settleOfGuest_ms * guests;
    default:
      return ofCommand_ms;
  }
}

/** As ordinary, for a machine whose programs each have so long. */
export function patienceFor(step_ms: number): Patience {
  return { leastSpeed_per_s, standstill_s, longestSilence_ms: () => aroundThem_ms + step_ms };
}
