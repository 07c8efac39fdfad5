// SPDX-License-Identifier: Apache-2.0
import { listed, significant, whole, withUnit } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { clockCaveat, costUnit, workUnit } from "./clock.ts";
import {
  type Evidence,
  type Finding,
  groupedBy,
  meanOf,
  meanShown,
  placeOf,
  rowsOf,
} from "./finding.ts";
import { groupsTable } from "./tables.ts";

const NONE = "\u2013";

const NAMES: Record<string, string> = {
  vm: "in guests",
  madvise: "in processes with madvise(MADV_MERGEABLE)",
  prctl: "in processes with prctl(PR_SET_MEMORY_MERGE)",
  mapping: "in processes with one shared mapping",
};

/** KSM for programs that are no guests, and against sharing by hand. Null if a run has one carrier. */
export function carriersFinding(evidence: Evidence): Finding | null {
  const places = groupedBy(rowsOf(evidence, "carriers"), ["workload", "condition", "arm"]);
  if (places.length === 0) return null;
  const [cost, work] = [costUnit(evidence), workUnit(evidence)];
  const mean = (column: string, factor = 1) => meanShown(column, factor, NONE);
  return {
    id: "carriers",
    heading: "Any program can use KSM, and what it costs against sharing by hand",
    sentences: places.flatMap((rows) => [
      memoryInWords(rows),
      ...workInWords(rows, evidence),
      ...againstMapping(rows, evidence),
    ]),
    summary: places.flatMap((rows) => againstMapping(rows, evidence)),
    tables: [
      ...groupsTable(
        "Memory of an instance, MiB, means over trials",
        places.flatMap(carriersIn),
        ["arm"],
        [
          { heading: "runs", of: nameOf, text: true },
          { heading: "before merging", of: mean("loaded_mib") },
          { heading: "merged", of: mean("merged_mib") },
          { heading: "written", of: mean("written_mib") },
          { heading: "merged again", of: mean("remerged_mib") },
        ],
      ),
      ...groupsTable(`What it costs, ${cost.unit}`, places.flatMap(carriersIn), ["arm"], [
        { heading: "runs", of: nameOf, text: true },
        { heading: `ksmd, ${work.unit} a page saved`, of: (rows) => workAPage(rows, work.scale) },
        { heading: "a first touch", of: mean("touch_ticks", cost.scale) },
        { heading: "a write", of: mean("write_ticks", cost.scale) },
        { heading: "loading", of: mean("load_ticks", cost.scale) },
      ]),
    ],
    caveats: [
      "An instance\u2019s memory is the proportional set size of its process; a guest\u2019s holds its kernel and " +
      "its VMM besides the data.",
      "In the mapping the pages are shared from the beginning, by a program that was written for it: KSM has " +
      "nothing to do. What is written there stays private for good.",
      ...clockCaveat(evidence),
    ],
    chart: "carriers",
  };
}

function carriersIn(rows: readonly Answer[]): Answer[][] {
  return Object.keys(NAMES).map((name) => rows.filter(({ carrier }) => carrier === name))
    .filter((found) => found.length > 0);
}

function nameOf(rows: readonly Answer[]): string {
  return NAMES[String(rows[0]?.carrier)] ?? String(rows[0]?.carrier);
}

function memoryInWords(rows: readonly Answer[]): string {
  const parts = carriersIn(rows).map((found) => {
    const [from, to] = [meanOf(found, "loaded_mib"), meanOf(found, "merged_mib")];
    const before = from === null ? "" : `${withUnit(from, "MiB")} before and `;
    const after = from === null ? "" : " after merging";
    return `${before}${withUnit(to ?? 0, "MiB")}${after} ${nameOf(found)}`;
  });
  return `An instance of ${placeOf(rows[0]!)} took ${listed(parts)}.`;
}

function workInWords(rows: readonly Answer[], evidence: Evidence): string[] {
  const { unit, scale } = workUnit(evidence);
  const parts = carriersIn(rows).flatMap((found) => {
    const work = workAPage(found, scale);
    return work === NONE ? [] : [`${work}\u00a0${unit} ${nameOf(found)}`];
  });
  return parts.length === 0 ? [] : [`For each page saved ksmd worked ${listed(parts)}.`];
}

function workAPage(rows: readonly Answer[], scale: number): string {
  const [work, pages] = [meanOf(rows, "merge_ksmd_ns"), meanOf(rows, "pages_sharing")];
  return work && pages ? whole(work * scale / pages) : NONE;
}

function againstMapping(rows: readonly Answer[], evidence: Evidence): string[] {
  const mapping = rows.filter(({ carrier }) => carrier === "mapping");
  const merging = rows.filter(({ carrier }) => carrier === "madvise");
  if (mapping.length === 0 || merging.length === 0) return [];
  const { unit, scale } = costUnit(evidence);
  const both = (column: string, factor = 1) =>
    [merging, mapping].map((found) => significant((meanOf(found, column) ?? 0) * factor));
  const [written, writtenThere] = both("written_mib");
  const [again, againThere] = both("remerged_mib");
  const [touch, touchThere] = both("touch_ticks", scale);
  const [write, writeThere] = both("write_ticks", scale);
  const [load, loadThere] = both("load_ticks", scale);
  return [
    `After a share of the data was written and written back, KSM took an instance from ${written} to ` +
    `${again}\u00a0MiB; the mapping stayed at ${againThere} of ${writtenThere}\u00a0MiB.`,
    `With KSM and with the mapping the first touch of a page took ${touch} and ${touchThere}\u00a0${unit}, a ` +
    `write ${write} and ${writeThere}, and loading an instance ${load} and ${loadThere}.`,
  ];
}
