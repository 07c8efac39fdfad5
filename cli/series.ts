// SPDX-License-Identifier: Apache-2.0
import { readRunFile, runQuery } from "../analysis/mod.ts";
import { type CoveredTrial, coverLetter } from "../kernel/cover.ts";
import type { KernelLine } from "../kernel/lines.ts";
import { withNamedRun } from "../packs/named_run.ts";

export interface SeriesRequest {
  line: KernelLine;
  run: string;
}

/** `lab series cover RUN`: the letter before the patches, with the numbers of a run. */
export async function series({ line, run }: SeriesRequest): Promise<number> {
  const letter = await withNamedRun(run, async (dir) => {
    const { rows } = await runQuery(dir, "flushes_per_merged_page");
    const { run: name, digest, command, git, inputs } = await readRunFile(dir);
    const covered = { run: name, digest, command, revision: git?.revision, inputs };
    return await coverLetter(line, covered, rows as unknown as CoveredTrial[]);
  });
  console.log(letter);
  return 0;
}
