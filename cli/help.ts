// SPDX-License-Identifier: Apache-2.0
/** Help beyond what the library writes of options and arguments. */
import type { Verb } from "./verb.ts";

const commonExits: Readonly<Record<number, string>> = {
  0: "done",
  2: "bad usage, or a machine that cannot do it",
};

/** All verbs, a line each. */
export function describeVerbs(verbs: Readonly<Record<string, Verb>>): string {
  const width = Math.max(...Object.keys(verbs).map((name) => name.length));
  const lines = Object.entries(verbs)
    .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage
  ./lab VERB ...
  ./lab --install VERB ...    as root: installs missing Debian packages first
  ./lab help VERB
  ./lab --version

Verbs
${lines.join("\n")}`;
}

/** What the library writes of a verb, with examples and exit statuses. */
export function describeVerb(written: string, { examples, exits }: Verb): string {
  const calls = examples.map(([call, does]) => `  ./lab ${call}\n      ${does}\n`);
  const statuses = Object.entries({ ...commonExits, ...exits })
    .map(([status, means]) => `  ${status}  ${means}\n`);
  /* What every switch is by default need not be said. */
  const options = written.replaceAll(/ +\[default: false\]$/gm, "").trimEnd();
  return `${options}\n\nExamples\n${calls.join("")}\nExit status\n${statuses.join("")}`.trimEnd();
}
