// SPDX-License-Identifier: Apache-2.0
import { type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";
import { counted, listed, percent, whole } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";

/** What a result is made of; the rest stands in the table. */
const mergedPages = "merged pages";
const headline = ["refaults", "second-level faults", mergedPages];

/** Whether QEMU and Bochs agree on the same host. Null if the run has not both. */
export function emulatorsFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "emulators").filter(({ measure }) =>
    headline.includes(String(measure))
  );
  if (rows.length === 0) return null;
  const places = Map.groupBy(rows, (row) => `${placeOf(row)}, ${row.arm}, seed ${row.seed}`);
  /* Of what was merged: of a few refaults that are left, one more or less is a large share. */
  const apart = [...places.values()].flatMap((measured) => {
    const merged = Number(measured.find(({ measure }) => measure === mergedPages)?.qemu ?? 0);
    return merged === 0 ? [] : measured.map((row) => Math.abs(Number(row.difference)) / merged);
  });
  return {
    id: "emulators",
    heading: "Two emulators, one host",
    sentences: [
      ...[...places].map(([place, measured]) =>
        `In ${place}, Bochs counted ${listed(measured.map(against))}.`
      ),
      ...(apart.length === 0 ? [] : [
        `In ${counted(places.size, "pair")} of trials these counts are apart by ${
          percent(Math.max(...apart))
        } of the merged pages at most.`,
      ]),
    ],
    caveats: [
      "An instruction takes as long in both, but not all instructions count alike, devices answer at other " +
      "moments and CPUID names other features: timers then interrupt other instructions, and what guests and " +
      "ksmd do meanwhile comes in another order.",
    ],
    table: "emulators",
  };
}

function against({ measure, qemu, bochs, share }: Answer): string {
  const apart = share === null || share === 0 ? "" : `, ${percent(Number(share))}`;
  return `${whole(Number(bochs))} ${measure} (QEMU ${whole(Number(qemu))}${apart})`;
}
