// SPDX-License-Identifier: Apache-2.0
/** Conditions on a comparison, for pipelines: "refaults > 5%". */
import { LabError } from "../../base/errors.ts";
import { nearestWord } from "../../base/nearest_word.ts";
import { significant } from "../findings/numbers.ts";
import type { Comparison, HeadlineRow } from "./comparison.ts";
import { headlines } from "./headlines.ts";
import { relationOf } from "./relation.ts";

/** What must not hold in any workload and arm. */
export interface Condition {
  /** As it was given. */
  text: string;
  /** Short name of the headline it is about. */
  name: string;
  /** Whether B is too much above A, or too much below. */
  sign: ">" | "<";
  /** How much is too much: a share of A, or an amount in the headline's own unit. */
  limit: number;
  /** Whether the limit is a share. */
  relative: boolean;
}

const CONDITION = /^\s*([a-z-]+)\s*([<>])\s*([+-]?\d+(?:\.\d+)?)\s*(%?)\s*$/;

/**
 * Reads a condition: the name of a headline, `>` or `<`, and by how much run B may be above or below
 * run A, in per cent of A or, without `%`, as an amount.
 *
 * @throws {LabError} if it is none, or names no headline.
 */
export function parseCondition(text: string): Condition {
  const names = headlines.map(({ name }) => name);
  const [, name, sign, number, unit] = CONDITION.exec(text) ?? [];
  if (name === undefined) {
    throw new LabError(
      `Cannot use "${text}": not a condition such as "refaults > 5%" or "ksmd < -0.2"`,
      `What it can be about: ${names.join(", ")}`,
    );
  }
  if (!names.includes(name)) {
    const near = nearestWord(name, names);
    throw new LabError(
      `Cannot use "${text}": there is no headline "${name}"`,
      near === undefined ? `There are ${names.join(", ")}` : `Did you mean "${near}"?`,
    );
  }
  const relative = unit === "%";
  const limit = Number(number) / (relative ? 100 : 1);
  return { text: text.trim(), name, sign: sign === ">" ? ">" : "<", limit, relative };
}

/**
 * Where a condition holds, a line each: "refaults > 5%: kernels off, 19.3 to 25.1 (▲ +30.1 %)".
 *
 * @throws {LabError} if the runs have no such number in common: then nothing was checked.
 */
export function violationsOf(condition: Condition, comparison: Comparison): string[] {
  const rows = comparison.headlines.filter(({ name }) => name === condition.name);
  if (rows.length === 0) {
    const { a, b } = comparison;
    throw new LabError(
      `Cannot check "${condition.text}": ${a.run} and ${b.run} have no such number in common`,
      "Compare runs whose trials have the phases that it is measured in",
    );
  }
  return rows.filter((row) => holds(condition, row)).map((row) => {
    const place = [row.workload, row.arm].filter((part) => part !== "").join(" ");
    const change = `${significant(row.a)} to ${significant(row.b)} (${relationOf(row)})`;
    return `${condition.text}: ${place} in ${comparison.b.run}, ${change}`;
  });
}

/** What rises from nothing rises by more than any share; what stays at nothing does not change. */
function holds({ sign, limit, relative }: Condition, { a, b, change }: HeadlineRow): boolean {
  const relativeChange = change ?? (b === a ? 0 : Infinity);
  const found = relative ? relativeChange : b - a;
  return sign === ">" ? found > limit : found < limit;
}
