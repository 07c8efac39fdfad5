// SPDX-License-Identifier: Apache-2.0
/** What a run found, in a few numbers: those of its headline measure, by workload and condition. */
import { percent, significant } from "./numbers.ts";
import { placeOf } from "./finding.ts";
import type { Answer } from "../engine/result.ts";

/** The headline in one place. */
export interface SummaryRow {
  /** Name of the workload. */
  workload: string;
  /** The run's other factors there; "" if it varies none. */
  condition: string;
  /** The arm that is compared with. */
  baseline: string;
  /** The arm that is compared. */
  treatment: string;
  /** Refaults per 100 merged pages in each, means over the pairs. */
  refaults: { baseline: number; treatment: number };
  /** Share of the refaults that the treatment spares; null if there were none. */
  reduction: number | null;
  /** Seeds that both have. */
  pairs: number;
}

/** What the numbers are, for the heading. */
export const SUMMARY_MEASURE = "refaults per 100 merged pages";

const MEASURE = "refaults per merged page";

/** From the rows of `tables/effects.csv`: numbers, or their text. */
export function summaryOf(effects: readonly Answer[]): SummaryRow[] {
  const number = (value: unknown) => value === null || value === "" ? null : Number(value);
  return effects.filter(({ measure }) => measure === MEASURE).map((row) => ({
    workload: String(row.workload),
    condition: String(row.condition ?? ""),
    baseline: String(row.baseline),
    treatment: String(row.treatment),
    refaults: {
      baseline: 100 * (number(row.baseline_mean) ?? 0),
      treatment: 100 * (number(row.treatment_mean) ?? 0),
    },
    reduction: number(row.reduction),
    pairs: Number(row.pairs),
  }));
}

/** Characters of the longest bar. */
const BAR = 24;

/** Colours of a terminal: yellow for the baseline, blue for the treatment, as in the charts. */
const PAINT = { baseline: 33, treatment: 34 } as const;

/** The same as lines for a terminal, each with a bar. */
export function summaryLines(rows: readonly SummaryRow[], { colour = false } = {}): string[] {
  const most = Math.max(...rows.flatMap(({ refaults }) => Object.values(refaults)));
  const width = Math.max(8, ...rows.map((row) => placeOf(row).length));
  const arms = Math.max(
    ...rows.flatMap(({ baseline, treatment }) => [baseline, treatment].map((arm) => arm.length)),
  );
  const lines = rows.flatMap((row) =>
    (["baseline", "treatment"] as const).map((side, at) => {
      const value = row.refaults[side];
      const bar = barOf(most === 0 ? 0 : value / most);
      const painted = colour ? `\x1b[${PAINT[side]}m${bar}\x1b[0m` : bar;
      const place = (at === 0 ? placeOf(row) : "").padEnd(width);
      const change = at === 0 ? "" : `  ${changeOf(row)}`;
      return `  ${place}  ${row[side].padEnd(arms)} ${significant(value).padStart(8)}  ${painted}${
        " ".repeat(BAR - bar.length)
      }${change}`.trimEnd();
    })
  );
  return [`${SUMMARY_MEASURE[0]!.toUpperCase()}${SUMMARY_MEASURE.slice(1)}:`, ...lines];
}

/** The whole finding in one line of a list. */
export function summaryInWords(rows: readonly SummaryRow[]): string {
  if (rows.length === 0) return "nothing compared";
  const shares = rows.flatMap(({ reduction }) => reduction ?? []);
  const [first] = rows as [SummaryRow];
  if (rows.length === 1 || shares.length === 0) return changeOf(first);
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  const [most, least] = [changeInWords(high), changeInWords(low)];
  return most === least ? `${most} refaults` : `${most} to ${least} refaults`;
}

function changeOf({ reduction, pairs }: SummaryRow): string {
  if (reduction === null) return "nothing to reduce";
  const seeds = `${pairs} seed${pairs === 1 ? "" : "s"}`;
  return `${changeInWords(reduction)} refaults (${seeds})`;
}

function changeInWords(reduction: number): string {
  if (reduction === 0) return "as many";
  return `${percent(Math.abs(reduction)).replaceAll("\u00a0", " ")} ${
    reduction < 0 ? "more" : "fewer"
  }`;
}

/** Eighths of a character, so that little is not nothing. */
const EIGHTHS = ["", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589"];

function barOf(share: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * BAR * 8)) : 0;
  return "\u2588".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}
