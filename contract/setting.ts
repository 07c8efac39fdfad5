// SPDX-License-Identifier: Apache-2.0
/** What a setting is: its levels, what is wrong with one that it does not have, and how it is read. */
import { nearestWord } from "../base/nearest_word.ts";

/** A level as experiments, run.json and tables have it. */
export type Level = string | number;

interface About {
  /** One phrase, for the docs, the schema and the tables. */
  description: string;
  /** "MiB", "ms", "instructions"; nothing where it is a count or a name. */
  unit?: string;
  /**
   * When it begins to act: from `boot` on, or only after the phase `settle`. Trials that differ in
   * nothing but the latter could go on from one state of the host.
   */
  after: "boot" | "settle";
  /** It came when there were trials already: at its default it says nothing (see toldSettings). */
  young?: true;
}

/** One of a few. */
export interface Choice<L extends Level = Level> extends About {
  /** Tells settings of one kind from others. */
  kind: "choice";
  /** All levels there are. */
  levels: readonly L[];
  /** The level where an experiment says nothing. */
  default: L;
}

/** "on" or "off". Whoever carries a trial out is told 1 or 0. */
export interface Switch extends About {
  /** Tells settings of one kind from others. */
  kind: "switch";
  /** All levels there are. */
  levels: readonly ["off", "on"];
  /** The level where an experiment says nothing. */
  default: "off" | "on";
}

/** A whole number within a range. */
export interface Whole extends About {
  /** Tells settings of one kind from others. */
  kind: "whole";
  /** The least level. */
  minimum: number;
  /** The greatest level. */
  maximum: number;
  /** The level where an experiment says nothing. */
  default: number;
}

/** The name of a folder below another one; there is no default. */
export interface Name extends About {
  /** Tells settings of one kind from others. */
  kind: "name";
}

/** A setting of any kind. */
export type Setting = Choice | Switch | Whole | Name;

/** The type of a setting's levels. */
export type LevelOf<S extends Setting> = S extends { levels: readonly (infer L)[] } ? L
  : S extends Whole ? number
  : string;

/** Declares a setting that has one of some levels. */
export function choice<const L extends Level>(
  levels: readonly L[],
  about: About & { default: NoInfer<L> },
): Choice<L> {
  return { kind: "choice", levels, ...about };
}

/** Declares a switch. */
export function onOff(about: About & { default: "off" | "on" }): Switch {
  return { kind: "switch", levels: ["off", "on"], ...about };
}

/** Declares a setting that is a whole number within a range. */
export function whole(
  minimum: number,
  maximum: number,
  about: About & { default: number },
): Whole {
  return { kind: "whole", minimum, maximum, ...about };
}

/** A range of whole numbers: a setting's, or that of a workload's parameter. */
export type Range = Pick<Whole, "minimum" | "maximum" | "unit">;

/** What is wrong with a value that should be one of the setting's levels; nothing if it is one. */
export function objectionTo(setting: Setting, value: unknown): string | undefined {
  switch (setting.kind) {
    case "whole":
      return objectionToNumber(setting, value);
    case "name":
      return typeof value === "string" && value !== ""
        ? undefined
        : `${shown(value)} is not a name`;
    default:
      return (setting.levels as readonly unknown[]).includes(value)
        ? undefined
        : `${shown(value)} is not one of ${setting.levels.join(", ")}${guess(setting, value)}`;
  }
}

/** As {@linkcode objectionTo}, for a number within a range. */
export function objectionToNumber(range: Range, value: unknown): string | undefined {
  const { minimum, maximum, unit } = range;
  if (Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum) {
    return undefined;
  }
  const said = `${shown(value)} is not a whole number from ${minimum} to ${maximum}`;
  const meant = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  const hint = meant !== undefined && objectionToNumber(range, meant) === undefined
    ? `; did you mean ${meant}, without quotes?`
    : "";
  return `${said}${unit === undefined ? "" : ` (${unit})`}${hint}`;
}

/** Longer than any level, short enough for a line. */
const longestShown = 60;

function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}

/** What else says yes and no. */
const yesAndNo: Readonly<Record<string, string>> = {
  ...{ true: "on", yes: "on", "1": "on", false: "off", no: "off", "0": "off" },
};

function guess({ levels }: Choice | Switch, value: unknown): string {
  if (typeof value === "object") return "";
  const names = levels.map(String);
  const word = String(value);
  const meant = names.includes(word)
    ? word
    : names.includes("on") && Object.hasOwn(yesAndNo, word)
    ? yesAndNo[word]
    : nearestWord(word, names);
  const level = levels.find((one) => String(one) === meant);
  return level === undefined ? "" : `; did you mean ${JSON.stringify(level)}?`;
}

/** A level as a person types it. Numbers become numbers where they can be levels; the rest is text. */
export function readLevel(setting: Setting | Range, text: string): Level {
  const numbers = !("kind" in setting) || setting.kind === "whole" ||
    setting.kind === "choice" && setting.levels.some((level) => typeof level === "number");
  return numbers && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
