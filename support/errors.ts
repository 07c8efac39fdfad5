/**
 * A person's mistake, or a machine that cannot do what was asked: shown as a sentence without a
 * stack trace, exit status 2.
 *
 * The message reads "Cannot VERB X: REASON"; `next` says what to do about it.
 */
export class LabError extends Error {
  override name = "LabError";
  readonly next: string | undefined;

  constructor(message: string, next?: string, options?: ErrorOptions) {
    super(message, options);
    this.next = next;
  }
}
