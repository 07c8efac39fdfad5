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

/** What the system refuses in the midst of work is no fault of the lab's: a sentence will do. */
export function machineError(error: unknown): LabError | undefined {
  if (error instanceof AggregateError) {
    for (const one of error.errors) {
      const said = one instanceof LabError ? one : machineError(one);
      if (said !== undefined) return said;
    }
    return undefined;
  }
  const { message = "" } = error as Error;
  /* 28: no space left, 122: over quota, 27: a file over its limit. */
  if (/\(os error (28|122|27)\)/.test(message)) {
    return new LabError(`Cannot go on: ${message}`, "Free some space; what was measured is kept");
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new LabError(`Cannot go on: ${message}`, "See who owns the cache and reports/");
  }
  return undefined;
}
