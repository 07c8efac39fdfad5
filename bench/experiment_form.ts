// SPDX-License-Identifier: Apache-2.0
/** The form of an experiment's file, and what is wrong with one, in a person's words. */
import { z } from "zod";
import { nearestWord } from "../base/nearest_word.ts";
import { phaseNames } from "../contract/phases.ts";
import { type Level, objectionTo } from "../contract/setting.ts";
import { issueInWords } from "../contract/issues.ts";
import { parameterPattern, settingNames, settingOf } from "../contract/settings.ts";

/** The fields beside the factors, which {@linkcode objectionsToFactors} is for. */
export const experimentForm = z.strictObject({
  $schema: z.string().optional(),
  title: z.string().min(1),
  question: z.string().min(1),
  factors: z.record(z.string(), z.unknown()),
  phases: z.array(z.enum(phaseNames)).min(2).optional(),
});

/** What is wrong with content that should be of the form, a line each; none if nothing is. */
export function objectionsToForm(content: unknown): string[] {
  const parsed = experimentForm.safeParse(content, { reportInput: true });
  return parsed.success ? [] : parsed.error.issues.flatMap(inWords);
}

function inWords(issue: z.core.$ZodIssue): string[] {
  const place = placeOf(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => `${key}: there is no such field${guess(key, fields)}`);
    case "invalid_value":
      return [
        `${place}: ${JSON.stringify(issue.input)} is not one of ${issue.values.join(", ")}${
          typeof issue.input === "string" ? guess(issue.input, phaseNames) : ""
        }`,
      ];
    case "too_small":
      return [`${place}: ${issue.origin === "array" ? "fewer than two phases" : "an empty text"}`];
    default:
      return [`${place}: ${issueInWords(issue)}`];
  }
}

const fields = Object.keys(experimentForm.shape);

/** "phases, place 2" rather than an index that counts from zero. */
function placeOf(path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  if (typeof last !== "number") return path.join(".") || "the file";
  return `${path.slice(0, -1).join(".")}, place ${last + 1}`;
}

function guess(typed: string, words: readonly string[]): string {
  const near = nearestWord(typed, words);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

/**
 * What is wrong with factors and their levels, a line each. Levels of workloads' parameters are left
 * to who knows the workload.
 */
export function objectionsToFactors(factors: Readonly<Record<string, unknown>>): string[] {
  const objections = Object.entries(factors).flatMap(([factor, value]) =>
    objectionsToFactor(factor, value).map((objection) => `factors.${factor}${objection}`)
  );
  if (!Object.hasOwn(factors, "workload")) objections.unshift("factors.workload: is missing");
  return objections;
}

function objectionsToFactor(factor: string, value: unknown): string[] {
  const setting = settingOf(factor);
  if (setting === undefined && !parameterPattern.test(factor)) {
    return [`: there is no such factor${guess(factor, settingNames)}`];
  }
  if (!Array.isArray(value)) {
    const objection = setting === undefined ? undefined : objectionTo(setting, value);
    return objection === undefined ? [] : [`: ${objection}`];
  }
  if (value.length === 0) return [": a list without levels"];
  const twice = value.find((level, at) => value.indexOf(level) !== at);
  if (twice !== undefined) return [` has the level ${JSON.stringify(twice)} twice`];
  return value.flatMap((level, at) => {
    const objection = setting === undefined ? undefined : objectionTo(setting, level);
    return objection === undefined ? [] : [`, level ${at + 1}: ${objection}`];
  });
}

/** A factor's levels as a list. */
export function levelsOf(value: unknown): Level[] {
  return (Array.isArray(value) ? value : [value]) as Level[];
}
