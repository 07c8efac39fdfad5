// SPDX-License-Identifier: Apache-2.0
import { pagingModes, pagingNames } from "../../machines/paging.ts";
import { compareTreatment, groupsOf } from "../statistics/paired.ts";
import { counted, listed, significant } from "./numbers.ts";
import type { Answer } from "../engine/result.ts";
import { compareInWords, type Evidence, type Finding, placeOf, rowsOf } from "./finding.ts";
import { armsTable, comparisonTable, rangeInWords } from "./tables.ts";

/** A factor that has an axis of its own in a figure, and the question that answers for it. */
interface Factor {
  /** Name of the question and of the chart. */
  question: string;
  /** Column of the factor in the answer. */
  column: string;
  heading: string;
  /** How a level is named in a sentence: "with shadow paging". */
  named: (level: string) => string;
  caveats: string[];
}

const MMU: Factor = {
  question: "npt_against_shadow",
  column: "mmu",
  heading: "Processors and kinds of paging",
  named: (level) => `with ${pagingInWords(level)}`,
  caveats: [
    "Under shadow paging the guest's own page faults take the same way as refaults and have the same codes, " +
    "so both arms contain them: the reduction there is understated. The raw trace (--trace) tells them apart.",
  ],
};

/** A level of `mmu`, as a sentence names it. */
function pagingInWords(level: string): string {
  const name = pagingNames.find((one) => one === level);
  return name === undefined ? level : pagingModes[name].says;
}

const KERNEL: Factor = {
  question: "kernel_lines",
  column: "kernel",
  heading: "Kernel lines side by side",
  named: (level) => `with Linux ${level}`,
  caveats: ["The guests run the same kernel in both; only the host's differs."],
};

/** What the callback spares under each kind of paging. Null if the run has one kind only. */
export function mmuFinding(evidence: Evidence): Finding | null {
  return byFactor(evidence, MMU);
}

/** The same for each line of the host's kernel. Null if the run has one line only. */
export function kernelLinesFinding(evidence: Evidence): Finding | null {
  return byFactor(evidence, KERNEL);
}

function byFactor(evidence: Evidence, factor: Factor): Finding | null {
  const rows = rowsOf(evidence, factor.question);
  if (rows.length === 0) return null;
  const levels = levelsOf(rows, factor.column).map((level) => {
    const found = rows.filter((row) => String(row[factor.column]) === level);
    return { level, comparisons: compareTreatment(found, "refaults_per_merged_page") };
  });
  const sentences = levels.flatMap(({ level, comparisons }) =>
    comparisons.map((comparison) =>
      compareInWords(comparison, {
        measure: `refaults per 100 merged pages ${factor.named(level)}`,
        scale: 100,
      })
    )
  );
  if (sentences.length === 0) return null;
  const { question, heading, caveats } = factor;
  return {
    ...{ id: question.replaceAll("_", "-"), heading, sentences, caveats, chart: question },
    summary: levels.flatMap(({ level, comparisons }) => {
      const range = rangeInWords(comparisons);
      return range === null ? [] : [`Refaults ${factor.named(level)}: ${range}.`];
    }),
    tables: levels.flatMap(({ level, comparisons }) =>
      comparisonTable(`Refaults per 100 merged pages ${factor.named(level)}`, comparisons, 100)
    ),
  };
}

function levelsOf(rows: readonly Answer[], column: string): string[] {
  return [...new Set(rows.map((row) => String(row[column])))];
}

/** How refaults grow with the number of guests. Null if the run has one number only. */
export function scalingFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "scaling_with_guests");
  const levels = [...new Set(rows.map(({ guests }) => Number(guests)))].sort((a, b) => a - b);
  const [fewest, most] = [levels[0], levels.at(-1)];
  if (fewest === undefined || most === undefined || fewest === most) return null;
  const meansAt = (guests: number) =>
    groupsOf(rows.filter((row) => row.guests === guests), "refaults_per_guest");
  const sentences = meansAt(fewest).flatMap((few) => {
    const many = meansAt(most).find((other) => placeOf(other) === placeOf(few));
    if (many === undefined) return [];
    const arms = [...few.arms.keys()].filter((arm) => many.arms.has(arm)).map((arm) =>
      `${arm} took ${meanOf(few.arms.get(arm))} with ${counted(fewest, "guest")} and ` +
      `${meanOf(many.arms.get(arm))} with ${counted(most, "guest")}`
    );
    return arms.length === 0 ? [] : [`Refaults per guest in ${placeOf(few)}: ${listed(arms)}.`];
  });
  if (sentences.length === 0) return null;
  return {
    id: "scaling",
    heading: "Scaling with the number of guests",
    sentences,
    summary: [],
    tables: levels.flatMap((guests) =>
      armsTable(`Refaults per guest, ${counted(guests, "guest")}`, meansAt(guests))
    ),
    caveats: [
      "All guests of a trial run the same workload, so each further guest brings no content of its own.",
    ],
    chart: "scaling_with_guests",
  };
}

function meanOf(seeds: ReadonlyMap<number, number> | undefined): string {
  const values = [...seeds?.values() ?? []];
  return significant(values.reduce((sum, value) => sum + value, 0) / values.length);
}
