// SPDX-License-Identifier: Apache-2.0
/** Where SQL statements end, so that a second one is never passed over in silence. */

/** Text that a semicolon within it does not end: comments of a line, strings and names. */
const whole =
  /--[^\n]*|(?<!\w)[eE]'(?:\\[\s\S]|''|[^'\\])*(?:'|$)|'(?:''|[^'])*(?:'|$)|"(?:""|[^"])*(?:"|$)|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/y;

/** The statements of a text, without the semicolons between them and without those that say nothing. */
export function statementsIn(sql: string): string[] {
  const statements: string[] = [];
  let began = 0;
  let says = false;
  let at = 0;
  while (at < sql.length) {
    if (sql.startsWith("/*", at)) {
      at = endOfComment(sql, at);
      continue;
    }
    whole.lastIndex = at;
    const [skipped] = whole.exec(sql) ?? [];
    if (skipped !== undefined) {
      says ||= !skipped.startsWith("--");
      at += skipped.length;
      continue;
    }
    if (sql[at] === ";") {
      if (says) statements.push(sql.slice(began, at).trim());
      [began, says] = [at + 1, false];
    } else says ||= !/\s/.test(sql[at]!);
    at++;
  }
  if (says) statements.push(sql.slice(began).trim());
  return statements;
}

/** Such comments can hold others. */
function endOfComment(sql: string, began: number): number {
  let depth = 0;
  let at = began;
  do {
    if (sql.startsWith("/*", at)) [depth, at] = [depth + 1, at + 2];
    else if (sql.startsWith("*/", at)) [depth, at] = [depth - 1, at + 2];
    else at++;
  } while (depth > 0 && at < sql.length);
  return at;
}

/** Why a text cannot be answered as one question; nothing if it can. Ends a sentence. */
export function objectionToStatements(sql: string): string | undefined {
  const { length } = statementsIn(sql);
  if (length === 1) return undefined;
  return length === 0 ? "it is empty" : `it has ${length} statements, and an answer is that of one`;
}
