// SPDX-License-Identifier: Apache-2.0
/** `lab demo`: the effect, with as few words as it takes to see it. */
import { join } from "@std/path";
import { setTalk, type Talk } from "../base/report.ts";
import { requireWritable } from "../base/writable.ts";
import { runRequest } from "../bench/request.ts";
import { runExperiment } from "../bench/run.ts";
import { reportsDir } from "../bench/run_folder.ts";
import { openReport } from "./open_report.ts";
import { conclude } from "./run.ts";

export interface DemoRequest {
  talk: Talk;
  open: boolean;
}

/** The least that shows it: one workload, two guests, both arms. */
const experiment = "smoke";

const before =
  `Two guests with the same files in their page caches run under KVM on a host that is emulated.
KSM merges their pages. Then the guests read them again:
  off  merging dropped the guests' mappings, as Linux does: each page is faulted in again
  on   the mappings were updated in place, through the callback change_pte
`;

/** Carries two trials out anew, and shows what they found. */
export async function demo({ talk, open }: DemoRequest): Promise<number> {
  setTalk(talk);
  await requireWritable(reportsDir, "show the effect");
  console.log(before);
  const folder = await runExperiment(
    runRequest({ experiment, overrides: {} }, ["demo"], { fresh: true }),
  );
  const status = await conclude(folder, false);
  console.log("More: ./lab report latest --open, ./lab view latest, ./lab run default");
  if (open) await openReport(join(folder.dir, "index.html"));
  return status;
}
