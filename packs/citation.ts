// SPDX-License-Identifier: Apache-2.0
/** How a pack is cited: a CITATION.cff in the Citation File Format 1.2.0. */
import { stringify } from "yaml";
import type { RunFile } from "../contract/run_file.ts";
import config from "../deno.json" with { type: "json" };

/** A run has no author of its own: who publishes a pack puts names and an identifier in. */
export const authors = "Samepage Lab contributors";

/** The text of CITATION.cff for a run. The date is that of the measurement. */
export function citationOf({ run, experiment, finished, digest }: RunFile): string {
  return stringify({
    "cff-version": "1.2.0",
    message: "If you use these results, please cite them, and the lab that measured them.",
    type: "dataset",
    title: `${experiment.title} (run ${run})`,
    abstract: `${experiment.question} Digest of the results: ${digest}.`,
    authors: [{ name: authors }],
    version: run,
    "date-released": dayOf(finished!),
    license: ["Apache-2.0", "GPL-2.0-only", "GPL-2.0-or-later"],
    keywords: ["KSM", "KVM", "change_pte", "mmu_notifier", "vmexit", "reproducibility"],
    references: [{
      type: "software",
      title: "Samepage Lab",
      authors: [{ name: authors }],
      version: config.version,
      license: "Apache-2.0",
    }],
  }, { lineWidth: 100 });
}

/** "2026-11-24" of "2026-11-24T13:32:32.505Z". */
export function dayOf(time: string): string {
  return time.slice(0, 10);
}
