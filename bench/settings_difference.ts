// SPDX-License-Identifier: Apache-2.0
/** How the settings of two trials differ. */

/** "guests was 2, is 4", with all that differ in the order of their names; nothing if none does. */
export function settingsDifference(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): string | undefined {
  const names = Object.keys({ ...before, ...now }).sort().filter((key) => before[key] !== now[key]);
  if (names.length === 0) return undefined;
  const shown = (value: unknown) => value === undefined ? "absent" : String(value);
  return names.map((name) => `${name} was ${shown(before[name])}, is ${shown(now[name])}`)
    .join("; ");
}
