// SPDX-License-Identifier: Apache-2.0
import Table from "cli-table3";
import { counted, listed, signed, significant, whole } from "../findings/numbers.ts";
import type { Comparison, HeadlineRow, Side } from "./comparison.ts";
import { relationOf } from "./relation.ts";

/** The verdict in one sentence. */
export function verdictOf({ pairs, compared, different, equal, exact }: Comparison): string {
  const numbers = `${counted(compared, "number")} of ${counted(pairs.length, "pair")} of trials`;
  if (equal) return `Equal: all ${numbers} are the same.`;
  const differ = `${whole(different)} of ${numbers} differ`;
  return exact ? `Different: ${differ}.` : `${differ}, which is no surprise: not both are exact.`;
}

/** As many trials as a sentence bears. */
const MOST_NAMED = 3;

/** What has to be said of the two before any number is. */
export function remarksOf(comparison: Comparison): string[] {
  const { inexactBecause, onlyA, onlyB, pairs, a, b } = comparison;
  const same = pairs.filter(({ sameRecords }) => sameRecords).length;
  return [
    `Compared are ${counted(pairs.length, "pair")} of trials ${settingsInWords(comparison)}.`,
    ...inexactBecause.map((why) => `Not compared as exact: ${why}.`),
    ...unpaired(a.called, onlyA),
    ...unpaired(b.called, onlyB),
    `Records that are the same to the byte: ${same} of ${counted(pairs.length, "pair")}.`,
  ];
}

function unpaired(run: string, trials: readonly string[]): string[] {
  if (trials.length === 0) return [];
  const verb = trials.length === 1 ? "has" : "have";
  const more = trials.length - MOST_NAMED;
  const named = more > 0 ? [...trials.slice(0, MOST_NAMED), `${whole(more)} more`] : trials;
  return [`${counted(trials.length, "trial")} of ${run} ${verb} no counterpart: ${listed(named)}.`];
}

/** A run by what it was called, with its own name where that is another. */
export function nameOf({ run, called }: Side): string {
  return run === called ? run : `${called}, the run ${run}`;
}

/** "with the same settings", or the settings in which the two runs differ, with both values. */
export function settingsInWords({ settings }: Comparison): string {
  if (settings.length === 0) return "with the same settings";
  const parts = settings.map(({ name, a, b }) => `${name} (${a} against ${b})`);
  return `whose settings differ in ${listed(parts)} and in nothing else`;
}

/**
 * What the pairs say of B - A, in words: its mean with the 95 % interval, the effect size d_z, and
 * the permutation test's p.
 */
export function effectOf({ effect }: HeadlineRow): string {
  if (effect === null) return "";
  const { meanDifference, differenceInterval: interval, effectSize, permutation } = effect;
  return [
    signed(meanDifference) +
    (interval === null ? "" : ` [${signed(interval.low)}, ${signed(interval.high)}]`),
    ...(effectSize === null ? [] : [`d_z ${significant(effectSize)}`]),
    `p ${significant(permutation.p)}`,
  ].join(", ");
}

/** A comparison for a terminal. */
export function comparisonText(comparison: Comparison): string {
  const { a, b, inputs, headlines, measures } = comparison;
  const lines = [
    `A: ${nameOf(a)} (${a.title})`,
    `B: ${nameOf(b)} (${b.title})`,
    "",
    "What differs:",
  ];
  if (inputs.length === 0) lines.push("  nothing that results depend on");
  else lines.push(tableOf(["", "A", "B"], inputs.map(({ what, a, b }) => [what, a, b])));
  lines.push("", ...remarksOf(comparison), "");
  lines.push(tableOf(
    ["", "workload", "arm", "A", "B", "", "pairs equal", ...(comparison.exact ? [] : ["B - A"])],
    headlines.map((row) => [
      ...[row.title, row.workload, row.arm, significant(row.a), significant(row.b)],
      ...[relationOf(row), `${row.equalPairs} of ${row.pairs}`],
      ...(comparison.exact ? [] : [effectOf(row)]),
    ]),
  ));
  const questions = Map.groupBy(measures, ({ question }) => question);
  lines.push(
    "",
    tableOf(
      ["question", "numbers", "different"],
      [...questions].map(([question, rows]) => [
        question,
        whole(rows.reduce((sum, { compared }) => sum + compared, 0)),
        whole(rows.reduce((sum, { different }) => sum + different, 0)),
      ]),
    ),
    "",
    verdictOf(comparison),
  );
  return lines.join("\n");
}

/** One line for each measure that differs anywhere, with the place where it does so most. */
export function movedMeasures({ measures }: Comparison): string[] {
  return measures.filter(({ different }) => different > 0).map((row) => {
    const { question, measure, phase, different, compared, largest } = row;
    const where = phase === null ? "" : ` in ${phase}`;
    return `${question}, ${measure}${where}: ${different} of ${compared}; most: ${largest}`;
  });
}

function tableOf(head: string[], rows: string[][]): string {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  return table.toString();
}
