// SPDX-License-Identifier: Apache-2.0
/** Which inputs of a run are not what they were. */
import type { Input, Inputs } from "../contract/trial.ts";

/** An input that differs; `null` where one side does not have it. */
export interface InputChange {
  input: string;
  was: Input | null;
  is: Input | null;
}

/** The inputs whose digests differ, in the order of their names. */
export function inputChanges(before: Inputs, now: Inputs): InputChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()
    .filter((input) => before[input]?.digest !== now[input]?.digest)
    .map((input) => ({ input, was: before[input] ?? null, is: now[input] ?? null }));
}

const shownDigits = 12;

/** "emulator: was 7.2.22 (c25574b6af06), is 7.2.22 (e04c4d250471)". */
export function inWords({ input, was, is }: InputChange): string {
  const shown = (side: Input | null) =>
    side === null ? "absent" : `${side.version} (${side.digest.slice(0, shownDigits)})`;
  return `${input}: was ${shown(was)}, is ${shown(is)}`;
}
