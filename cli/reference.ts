// SPDX-License-Identifier: Apache-2.0
import { compareRuns, comparisonText, movedMeasures } from "../analysis/mod.ts";
import { hold } from "../base/hold.ts";
import {
  describeReference,
  hasReference,
  referenceDir,
  referenceExperiment,
  withReference,
  writeReference,
} from "../packs/reference.ts";
import { inputChanges, inWords } from "../bench/input_changes.ts";
import { commitsSince } from "../bench/provenance.ts";
import { runRequest } from "../bench/request.ts";
import { runExperiment } from "../bench/run.ts";
import { findRun, RunFolder } from "../bench/run_folder.ts";

export interface ReferenceRequest {
  action: "show" | "update";
  /** To be the reference; the experiment is run if there is none. */
  run?: string | undefined;
}

/**
 * `lab reference`: what the committed reference run is; `lab reference update`: measures it anew, or
 * takes a run, shows what moved and why, and then overwrites it.
 */
export async function reference({ action, run }: ReferenceRequest): Promise<number> {
  if (action === "show") {
    console.log(await withReference(({ record }) => Promise.resolve(describeReference(record))));
    return 0;
  }
  const folder = run === undefined
    ? await runExperiment(
      runRequest({ experiment: referenceExperiment, overrides: {} }, ["reference", "update"]),
    )
    : await RunFolder.open(await findRun(run));
  await using _held = await hold(`${referenceDir}.lock`, "reference update", "write the reference");
  if (await hasReference()) await withReference((before) => showMoves(before, folder));
  await writeReference(folder);
  console.log(`reports/reference/ now is ${folder.record.run}, digest ${folder.record.digest}`);
  return 0;
}

async function showMoves(before: RunFolder, now: RunFolder): Promise<void> {
  if (before.record.digest === now.record.digest) {
    console.log("Nothing moved: every record is the same");
    return;
  }
  const comparison = await compareRuns(before.dir, now.dir);
  console.log(`What moved:\n${comparisonText(comparison)}`);
  for (const line of movedMeasures(comparison)) console.log(`  ${line}`);
  console.log(
    `Why it may have:\n${(await reasons(before, now)).map((why) => `  ${why}`).join("\n")}`,
  );
}

/** Inputs that differ, and the commits in between that touch what trials are made from. */
async function reasons(
  { record: before }: RunFolder,
  { record: now }: RunFolder,
): Promise<string[]> {
  const inputs = inputChanges(before.inputs, now.inputs).map(inWords);
  const commits = before.git === null ? null : await commitsSince(before.git.revision);
  return [
    ...(inputs.length === 0
      ? ["no input: the lab itself acts otherwise, or is not exact"]
      : inputs),
    ...(commits ?? ["commits in between: unknown here"]),
    ...(now.git?.clean === false ? ["changes that are not committed yet"] : []),
  ];
}
