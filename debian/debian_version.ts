// SPDX-License-Identifier: Apache-2.0
/**
 * Debian's order of versions, as deb-version(7) defines it: epoch, upstream version, revision;
 * letters before other signs, a tilde before everything, even the end.
 */

/** Negative when `a` is older than `b`, positive when newer, zero when they are the same. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  return left.epoch - right.epoch ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision);
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(":");
  const epoch = colon < 0 ? 0 : Number(version.slice(0, colon));
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return dash < 0
    ? { epoch, upstream: rest, revision: "" }
    : { epoch, upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

/** Runs of other characters and runs of digits take turns. */
function compareParts(a: string, b: string): number {
  const [left, right] = [runsOf(a), runsOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [x, y] = [left[at] ?? "", right[at] ?? ""];
    const order = at % 2 === 0 ? compareSigns(x, y) : Number(x) - Number(y);
    if (order !== 0) return order;
  }
  return 0;
}

/** Always begins with a run of non-digits, be it an empty one. */
function runsOf(part: string): string[] {
  const runs: string[] = part.match(/\D+|\d+/g) ?? [];
  return /^\d/.test(part) ? ["", ...runs] : runs;
}

function compareSigns(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = rank(a[at]) - rank(b[at]);
    if (order !== 0) return order;
  }
  return 0;
}

function rank(sign: string | undefined): number {
  if (sign === "~") return -1;
  if (sign === undefined) return 0;
  const code = sign.charCodeAt(0);
  return /[A-Za-z]/.test(sign) ? code : code + 256;
}
