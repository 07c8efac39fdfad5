// SPDX-License-Identifier: Apache-2.0
/**
 * The bootstrap's first question: what does this command line need? Parses it and says so in lines of
 * a word and its value:
 *
 *   show TEXT         this is the answer; nothing else is to be done
 *   packages FILE     a list of Debian packages to look for
 *   native engine     DuckDB as native code is to be there
 *   option OPTION     for Deno
 *   request JSON      for lab.ts
 *
 * Needs no more than to read the checkout, where completion looks for names, and to write a trace of what
 * nobody foresaw.
 */
import { LabError } from "../base/errors.ts";
import { parseCommandLine } from "./command_line.ts";
import { conclude, crashesName } from "./crash.ts";
import { permissionsFor, type Places } from "./permissions.ts";
import { verbs } from "./table.ts";

/** The lines for a command line. */
export async function linesFor(words: readonly string[], places: Places): Promise<string[]> {
  const parsed = await parseCommandLine(words);
  if ("show" in parsed) return parsed.show.split("\n").map((line) => `show ${line}`);
  const needs = verbs[parsed.verb]!.needs(parsed.request);
  if (needs.emulates && !(Deno.build.os === "linux" && Deno.build.arch === "x86_64")) {
    throw new LabError(
      `Cannot ${parsed.verb}: the emulated host is built for Linux on x86-64, this is ` +
        `${Deno.build.os} on ${Deno.build.arch}`,
      "The verbs that only read results (report, query, view, compare) work here.",
    );
  }
  return [
    ...(needs.packages ?? []).map((name) => `packages tools/${name}-packages.txt`),
    ...(needs.native === undefined ? [] : ["native engine"]),
    ...permissionsFor(needs, places).map((option) => `option ${option}`),
    `request ${JSON.stringify({ ...parsed, crashes: `${places.cache}/${crashesName}` })}`,
  ];
}

if (import.meta.main) {
  const [cache = "", checkout = "", scratch = "", ...words] = Deno.args;
  try {
    console.log((await linesFor(words, { cache, checkout, scratch })).join("\n"));
  } catch (error) {
    Deno.exit(await conclude(error, words[0] ?? "", `${cache}/${crashesName}`));
  }
}
