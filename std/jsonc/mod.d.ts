// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/jsonc that the project uses.
/** @throws {SyntaxError} where the text is no JSON with comments. */
export function parse(text: string): unknown;
