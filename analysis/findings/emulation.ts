// SPDX-License-Identifier: Apache-2.0
import { counted, significant } from "./numbers.ts";
import { type Evidence, type Finding, rowsOf } from "./finding.ts";

/** What it costs to be exact: how fast the emulated host was. Null on hardware. */
export function emulationFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "emulation_speed")
    .filter(({ instructions }) => typeof instructions === "number");
  if (evidence.run.mode !== "exact" || rows.length === 0) return null;
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const speeds = rows.map(({ millions_per_s }) => Number(millions_per_s));
  /* As arguments of one call a hundred thousand speeds would fill the stack. */
  const slowest = significant(speeds.reduce((one, other) => Math.min(one, other)));
  const fastest = significant(speeds.reduce((one, other) => Math.max(one, other)));
  return {
    id: "emulation",
    heading: "What does it cost to be exact?",
    sentences: [
      `The emulated host executed ${
        significant(sum("instructions") / 1e9)
      }\u00a0billion instructions in ` +
      `${counted(rows.length, "trial")}, ` +
      `${significant(sum("instructions") / sum("wall_s") / 1e6)}\u00a0million a second and trial ` +
      `(${slowest} to ${fastest}).`,
    ],
    caveats: [
      "The number of instructions of a trial is exact; how long they took depends on the machine that " +
      "measured them, and on what else ran there. Where trials went on from one state, the instructions up to " +
      "there count for each of them, but were executed once.",
    ],
    table: "emulation_speed",
  };
}
