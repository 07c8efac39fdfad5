// SPDX-License-Identifier: Apache-2.0
import { join } from "@std/path";
import { type EngineKind, readRunFile, writeReport } from "../analysis/mod.ts";
import { filesBelow } from "../base/digest.ts";
import { holdRun, reportsDir } from "../bench/run_folder.ts";
import { copyInto } from "../packs/files.ts";
import { isPack, referenceName } from "../packs/names.ts";
import { withNamedRun } from "../packs/named_run.ts";
import { openReport } from "./open_report.ts";

export interface ReportRequest {
  run: string;
  /** Open it in the browser. */
  open: boolean;
  engine: EngineKind;
}

/**
 * `lab report RUN`: the report anew, from the records that are there. Records that are broken are
 * named and left out, and the exit status says so. Of a pack and of the reference, which are unpacked
 * for as long as it takes, the report goes into a folder of its own.
 */
export async function report({ run, open, engine }: ReportRequest): Promise<number> {
  return await withNamedRun(run, async (dir) => {
    await using _held = await holdRun(dir, "report");
    const { index, problems } = await writeReport(dir, engine);
    for (const { message } of problems) console.error(message);
    const elsewhere = isPack(run) || run === referenceName;
    const page = elsewhere ? await copyOut(dir) : index;
    console.log(page);
    if (open) await openReport(page);
    return problems.length === 0 ? 0 : 2;
  });
}

/** What a report is made of, beside the run itself. */
const isReport = (name: string) => /^index\.html$|^(figures|tables|data|paper)\//.test(name);

/** @returns path of the page. */
async function copyOut(dir: string): Promise<string> {
  const target = join(reportsDir, `report-of-${(await readRunFile(dir)).run}`);
  for (const name of (await filesBelow(dir)).filter(isReport)) {
    await copyInto(join(dir, name), join(target, name));
  }
  return join(target, "index.html");
}
