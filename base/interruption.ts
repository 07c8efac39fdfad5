// SPDX-License-Identifier: Apache-2.0
/**
 * Being told to stop. Verbs that build or measure stop what they have started, tidy up and say what is
 * left; all others are ended by the signal itself. Either way a shell sees 130 or 143.
 */
import { LabError } from "./errors.ts";

/** What tells the lab to stop, and what a shell then says of it: 128 and the signal's number. */
const statuses = { SIGINT: 130, SIGTERM: 143 } as const;

type Stop = keyof typeof statuses;

/** The lab was told to stop, and has. */
export class Interrupted extends LabError {
  /** @param left what there is now, and how to go on. */
  constructor(left: string, next?: string) {
    super(`Interrupted: ${left}`, next);
  }
}

const controller = new AbortController();
let told: Stop | undefined;

/** Aborted once the lab is told to stop; children of `run()` are ended then. */
export const interruption: AbortSignal = controller.signal;

/** The exit status for the signal that told the lab to stop; nothing if none did. */
export function interruptedStatus(): number | undefined {
  return told === undefined ? undefined : statuses[told];
}

/** @throws {Interrupted} once the lab was told to stop. */
export function goOnUnlessInterrupted(left: string, next?: string): void {
  if (interruption.aborted) throw new Interrupted(left, next);
}

/** From now on a signal asks this process to stop; a second one ends it. */
export function listenForInterruption(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      if (told !== undefined) Deno.exit(statuses[signal]);
      told = signal;
      controller.abort();
    });
  }
}
