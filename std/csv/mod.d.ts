// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/csv that the project uses.
/** Rows by the names in the first line. @throws {SyntaxError} where the text is no CSV. */
export function parse(
  text: string,
  options: { skipFirstRow: true },
): Record<string, string>[];
