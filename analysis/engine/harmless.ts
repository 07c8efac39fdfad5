// SPDX-License-Identifier: Apache-2.0
/** Texts of records and of run.json on their way to programs that take some characters for orders. */

/** What begins a formula in a spreadsheet. */
const formula = /^[=+\-@\t\r]/;

/**
 * A text as a cell of CSV: where a spreadsheet would take it for a formula it has an apostrophe in front,
 * and no control character is left.
 */
export function harmlessCell(text: string): string {
  const shown = harmless(text);
  return formula.test(shown) ? `'${shown}` : shown;
}

/** Control characters but for tab and line feed: those of ASCII, and those above. */
// deno-lint-ignore no-control-regex
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text that tells a terminal nothing but what is to be read: control characters as "\\u001b". */
export function harmless(text: string): string {
  return text.replace(
    control,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
