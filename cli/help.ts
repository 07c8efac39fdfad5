// SPDX-License-Identifier: Apache-2.0
/** Help beyond what the library writes of options and arguments. */
import type { Verb } from "./verb.ts";

const commonExits: Readonly<Record<number, string>> = {
  0: "done",
  2: "bad usage, or a machine that cannot do it",
  70: "something that nobody foresaw: a file with the trace is named",
  130: "interrupted (SIGINT)",
  143: "told to end (SIGTERM)",
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
  ./lab help --man | man -l -
  ./lab --version

Verbs
${lines.join("\n")}`;
}

/** What `./lab` alone says: where to begin. */
export function shortMap(version: string): string {
  return `Samepage Lab ${version}: what KSM's merging costs KVM hosts, measured to the digit.

  see it      ./lab demo                       the effect, in under a minute once all is built
  measure     ./lab run [EXPERIMENT]           --plan says beforehand how long it takes
              ./lab experiments                all that can be run by name; ./lab new NAME makes another
  read        ./lab runs                       what was measured here
              ./lab report latest              its report
  ask         ./lab questions [WORD]           ./lab query latest QUESTION, or SQL
              ./lab view latest                in the browser
  compare     ./lab compare reference latest   number by number
  check       ./lab verify latest --sample 2   the same trials again, record by record
  understand  ./lab explain 0x400              codes and terms; ./lab schema: tables and columns
  machine     ./lab doctor                     what it can do, and why

./lab help lists all verbs, ./lab help VERB says all of one.`;
}

/** What the library writes of a verb, with examples and exit statuses. */
export function describeVerb(written: string, { examples, exits }: Verb): string {
  const calls = examples.map(([call, does]) => `  ./lab ${call}\n      ${does}\n`);
  const statuses = Object.entries({ ...commonExits, ...exits })
    .map(([status, means]) => `  ${status.padEnd(3)}  ${means}\n`);
  /* What every switch is by default need not be said. */
  const options = written.replaceAll(/ +\[default: false\]$/gm, "").trimEnd();
  return `${options}\n\nExamples\n${calls.join("")}\nExit status\n${statuses.join("")}`.trimEnd();
}
