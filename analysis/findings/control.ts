// SPDX-License-Identifier: Apache-2.0
import { counted, listed, significant, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { type Evidence, placeOf, rowsOf } from "./finding.ts";

/** As many exceptions as a sentence bears. */
const mostNamed = 6;

/**
 * Whether stock and off agree in every phase: one sentence for each place, with what lies beyond the
 * spread of the seeds named.
 */
export function phaseAgreement(evidence: Evidence): string[] {
  const rows = rowsOf(evidence, "control_by_phase").filter((row) => row.within_spread !== null);
  return [...Map.groupBy(rows, placeOf)].map(([place, rows]) => sentenceOf(place, rows));
}

function sentenceOf(place: string, rows: readonly Answer[]): string {
  const beyond = rows.filter(({ within_spread }) => within_spread !== true);
  const phases = new Set(rows.map(({ phase }) => phase)).size;
  const scope = `of ${counted(rows.length, "measure")} in ${counted(phases, "phase")} of ${place}`;
  if (beyond.length === 0) {
    return `All ${scope} differ between off and stock by no more than the seeds do among themselves.`;
  }
  const named = beyond.slice(0, mostNamed).map(describe);
  const more = beyond.length > mostNamed ? [`${whole(beyond.length - mostNamed)} more`] : [];
  return `${whole(rows.length - beyond.length)} ${scope} differ between off and stock by no more ` +
    `than the seeds do among themselves; beyond that are ${listed([...named, ...more])}.`;
}

/** "vmexits in touch (8,120 against 8,100, seeds apart by 12 exits)" */
function describe({ measure, phase, stock, off, spread, unit }: Answer): string {
  return `${measure} in ${phase} (${significant(Number(off))} against ${
    significant(Number(stock))
  }, ` +
    `seeds apart by ${significant(Number(spread))} ${unit})`;
}
