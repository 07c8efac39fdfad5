// SPDX-License-Identifier: Apache-2.0
/** Flags and arguments that several verbs have. */
import { LabError } from "../base/errors.ts";
import type { Talk } from "../base/report.ts";
import { nearestWord } from "../base/nearest_word.ts";
import { runNames } from "./proposals.ts";

export const json = {
  kind: "boolean",
  brief: "the result as JSON on standard output",
  default: false,
  withNegated: false,
} as const;

/** A switch that is off unless it is named. */
export function flag(brief: string) {
  return { kind: "boolean", brief, default: false, withNegated: false } as const;
}

export const engine = {
  kind: "enum",
  values: ["wasm", "native"],
  brief: "DuckDB as WebAssembly, or as native code that is fetched once",
  default: "wasm",
} as const;

export const openFlag = flag("open the report in the browser");

/** How much is said meanwhile. */
export const talk = {
  quiet: flag("say only the result, and what goes wrong"),
  verbose: flag("say each phase of each trial, a line each"),
} as const;

/** One letter for each of them. */
export const talkAliases = { q: "quiet", v: "verbose" } as const;

/** What the two mean together. */
export function talkOf({ quiet, verbose }: { quiet: boolean; verbose: boolean }): Talk {
  if (quiet && verbose) throw new LabError("Cannot be --quiet and --verbose at once");
  return quiet ? "quiet" : verbose ? "verbose" : "normal";
}

/** The argument RUN. */
export const runArgument = {
  parse: String,
  placeholder: "RUN",
  brief: "a run by its name or folder",
  proposeCompletions: runNames,
} as const;

/** Reads a whole number from `minimum` to `maximum`. */
export function wholeNumber(what: string, minimum: number, maximum: number) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= minimum && number <= maximum) return number;
    throw new LabError(
      `Cannot use ${what} ${text}: not a whole number from ${minimum} to ${maximum}`,
    );
  };
}

/** Reads one of a few words. */
export function oneOf<W extends string>(...words: readonly W[]) {
  return (text: string): W => {
    const word = words.find((one) => one === text);
    if (word !== undefined) return word;
    const near = nearestWord(text, words);
    throw new LabError(
      `Cannot use "${text}": not one of ${words.join(", ")}`,
      near === undefined ? undefined : `Did you mean "${near}"?`,
    );
  };
}

/** Reads several words with commas between them, each as `parse` does. */
export function listOf<T>(parse: (text: string) => T) {
  return (text: string): T[] => text.split(",").map(parse);
}

/** Reads "N" as 1 to N, and "A..B". */
export function rangeOf(what: string, maximum: number) {
  const number = wholeNumber(what, 1, maximum);
  return (text: string): [first: number, last: number] => {
    const [first, last, more] = text.split("..");
    const range: [number, number] = last === undefined
      ? [1, number(first!)]
      : [number(first!), number(last)];
    if (more === undefined && range[0] <= range[1]) return range;
    throw new LabError(`Cannot use ${what} ${text}: not N, and not FIRST..LAST`);
  };
}

/** Reads "90s", "30m" and "2h". Gives seconds. */
export function duration(what: string) {
  return (text: string): number => {
    const [, count, unit] = /^([1-9]\d{0,5})(s|m|h)$/.exec(text) ?? [];
    if (count !== undefined) {
      return Number(count) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
    }
    throw new LabError(`Cannot use ${what} ${text}: not a duration like 90s, 30m or 2h`);
  };
}
