// SPDX-License-Identifier: Apache-2.0
/** What does not fit a form, in the lab's words rather than in those of the library that found it. */
import type { z } from "zod";

const typeNames: Readonly<Record<string, string>> = {
  object: "an object",
  record: "an object",
  array: "a list",
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  null: "nothing",
};

/** What is wrong with a value, to stand behind its name: "is missing", "is not a text". */
export function issueInWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return `has what does not belong there: ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
    case "invalid_value":
      return `is ${shown(issue.input)}, not one of ${issue.values.join(", ")}`;
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? "is too short"
        : `is less than ${issue.minimum}`;
    case "too_big":
      return issue.origin === "array" || issue.origin === "string"
        ? "is too long"
        : `is more than ${issue.maximum}`;
    case "invalid_type":
      return issue.input === undefined
        ? "is missing"
        : `is not ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_union":
      return `is ${shown(issue.input)}, which cannot stand there`;
    default:
      return issue.message;
  }
}

/** Long enough to recognize it. */
const longestShown = 60;

function shown(value: unknown): string {
  const text = value === undefined ? "missing" : JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}
