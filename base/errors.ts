// SPDX-License-Identifier: Apache-2.0
/**
 * A person's mistake, or a machine that cannot do what was asked: shown as a sentence without a
 * stack trace, exit status 2.
 *
 * The message reads "Cannot VERB X: REASON"; `next` says what to do about it.
 */
export class LabError extends Error {
  /** What it is called where errors are told apart by name. */
  override name = "LabError";
  /** What to do about it, if the lab knows. */
  readonly next: string | undefined;

  /** A sentence for a person, and what they can do about it. */
  constructor(message: string, next?: string, options?: ErrorOptions) {
    super(message, options);
    this.next = next;
  }
}

/** A disk, a quota or a limit on files is exhausted: what was being done can be done again later. */
export class NoRoom extends LabError {}
