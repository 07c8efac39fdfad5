// SPDX-License-Identifier: Apache-2.0
/** The first difference between two sets of records, in words. */

type Fields = Record<string, unknown>;

/**
 * Compares records line by line.
 *
 * @returns nothing when the texts are the same, else a sentence that names phase, kind, field and
 * both values of the first line that differs.
 */
export function firstDifference(before: string, after: string): string | undefined {
  if (before === after) return undefined;
  const [old, now] = [linesOf(before), linesOf(after)];
  const at = old.findIndex((line, index) => line !== now[index]);
  if (at < 0) return `line ${old.length + 1}: ${now.length - old.length} records more than before`;
  const [left, right] = [old[at]!, now[at]];
  if (right === undefined) return `line ${at + 1}: ${old.length - at} records fewer than before`;
  const [a, b] = [fieldsOf(left), fieldsOf(right)];
  const place = `line ${at + 1}, phase ${a.phase}, kind ${a.kind}` +
    (a.guest === undefined ? "" : `, guest ${a.guest}`);
  const field = Object.keys({ ...a, ...b }).find((key) => text(a[key]) !== text(b[key]));
  if (field === undefined) return `${place}: written in another way`;
  return `${place}, field ${field}: was ${text(a[field])}, is ${text(b[field])}`;
}

function linesOf(records: string): string[] {
  return records.replace(/\n$/, "").split("\n");
}

/** A line that is no JSON is compared as a whole. */
function fieldsOf(line: string): Fields {
  try {
    return JSON.parse(line) as Fields;
  } catch {
    return { line };
  }
}

function text(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
