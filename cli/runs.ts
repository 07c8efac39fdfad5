// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { parse } from "@std/csv";
import { readRunFile, summaryInWords, summaryOf, type SummaryRow } from "../analysis/mod.ts";
import { LabError } from "../base/errors.ts";
import { newestFirst } from "../bench/run_names.ts";
import { reportsDir, runNames } from "../bench/run_folder.ts";
import { isOutside } from "../contract/exact.ts";
import type { RunFile } from "../contract/run_file.ts";
import { folderSize_bytes, inMiB } from "./sizes.ts";

interface ListedRun {
  run: string;
  /** "done", or how far it came. */
  state: string;
  size_bytes: number;
  headline: string;
  summary: SummaryRow[];
}

/** `lab runs`: what was measured here, the newest first. */
export async function runs({ json }: { json: boolean }): Promise<number> {
  const names = newestFirst(await runNames());
  const listed = await Promise.all(names.map(describe));
  if (json) {
    console.log(JSON.stringify(listed));
    return 0;
  }
  if (listed.length === 0) {
    console.error("There are no runs yet: ./lab demo, or ./lab run smoke");
    return 0;
  }
  const widths = [
    Math.max(...listed.map(({ run }) => run.length)),
    Math.max(...listed.map(({ state }) => state.length)),
  ];
  for (const { run, state, size_bytes, headline } of listed) {
    const size = inMiB(size_bytes).padStart(9);
    console.log(`${run.padEnd(widths[0]!)}  ${state.padEnd(widths[1]!)}  ${size}  ${headline}`);
  }
  return 0;
}

async function describe(run: string): Promise<ListedRun> {
  const dir = join(reportsDir, run);
  const size_bytes = await folderSize_bytes(dir);
  try {
    const record = await readRunFile(dir);
    const state = stateOf(record);
    const summary = await summaryIn(dir);
    const headline = isOutside(record.mode)
      ? record.experiment.title
      : summary === undefined
      ? "no report yet"
      : summaryInWords(summary);
    return { run, state, size_bytes, headline, summary: summary ?? [] };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return { run, state: "damaged", size_bytes, headline: error.message, summary: [] };
  }
}

/** "done", "2 failed", "3 of 18 trials". */
export function stateOf({ trials, finished }: Pick<RunFile, "trials" | "finished">): string {
  const failed = trials.filter(({ status }) => status === "failed").length;
  const done = trials.filter(({ status }) => status === "done").length;
  if (finished === null) return `${done} of ${trials.length} trials`;
  return failed === 0 ? "done" : `${failed} failed`;
}

/** From what its report has written; nothing where there is none. */
export async function summaryIn(dir: string): Promise<SummaryRow[] | undefined> {
  try {
    const text = await Deno.readTextFile(join(dir, "tables/effects.csv"));
    return summaryOf(parse(text, { skipFirstRow: true }));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
