// SPDX-License-Identifier: Apache-2.0
/** What is said at the end about a run that was imported or observed. */
import { outsideAnswer, writeReport } from "../analysis/mod.ts";
import type { RunFolder } from "../bench/run_folder.ts";

/** Says what the numbers mean, at once, then writes the report. */
export async function sayOutside({ dir, record }: RunFolder, json: boolean): Promise<number> {
  const { findings, answers } = await outsideAnswer(dir);
  const said = findings.map(({ heading, sentences, caveats }) => ({
    ...{ heading: plain(heading), sentences: sentences.map(plain), caveats: caveats.map(plain) },
  }));
  if (!json) {
    for (const { heading, sentences, caveats } of said) {
      console.log(`${heading}:`);
      for (const sentence of sentences) console.log(`  ${sentence}`);
      for (const caveat of caveats) console.log(`  (${caveat})`);
    }
  }
  const { index } = await writeReport(dir);
  const { run, mode } = record;
  if (json) console.log(JSON.stringify({ run, mode, report: index, said, answers }));
  else console.log(`Run ${run}: ./lab query ${run} outside_ksm; report: ${index}`);
  return 0;
}

/** Spaces that do not break are for pages. */
function plain(text: string): string {
  return text.replaceAll("\u00a0", " ");
}
