// SPDX-License-Identifier: Apache-2.0
/** What scripts on a host say in parts: a line "@ WHAT ..." begins one, and the kernel's own text follows. */

/** USER_HZ, in which /proc tells CPU time on every architecture that the lab knows. */
export const ticksPerSecond = 100;

/** Parts in their order; a lone "." only says that somebody lives. */
export function* partsOf(text: string): Generator<{ words: string[]; lines: string[] }> {
  let part: { words: string[]; lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("@ ")) {
      if (part !== undefined) yield part;
      part = { words: line.slice(2).split(" "), lines: [] };
    } else if (line !== "." && line !== "") part?.lines.push(line);
  }
  if (part !== undefined) yield part;
}

/** "name value" and "name:value" lines whose value is a whole number. */
export function numbersIn(lines: readonly string[]): Record<string, number> {
  return Object.fromEntries(lines.flatMap((line) => {
    const [, name, value] = /^([A-Za-z][\w]*)[: ]\s*(-?\d+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, Number(value)]];
  }));
}

/** From schedstat's first number, or else from stat. */
export function ksmdTime([schedstat, stat]: readonly string[]): number | undefined {
  const [, run] = /^(\d+) \d+ \d+$/.exec(schedstat ?? "") ?? [];
  return run !== undefined ? Number(run) : processTime(stat);
}

/** Times in user and in system mode of a line of stat whose name was cut off: fields 14 and 15 of all. */
export function processTime(stat: string | undefined): number | undefined {
  const fields = stat?.split(" ") ?? [];
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return Number.isFinite(user) && Number.isFinite(system) && fields.length > 12
    ? (user + system) * 1e9 / ticksPerSecond
    : undefined;
}
