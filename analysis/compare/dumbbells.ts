// SPDX-License-Identifier: Apache-2.0
import { significant } from "../findings/numbers.ts";
import { armLabel } from "../report/labels.ts";
import { type Markup, markup } from "../report/markup.ts";
import type { Comparison, HeadlineRow } from "./comparison.ts";
import { directionOf, relationOf } from "./relation.ts";
import { effectOf } from "./text.ts";

/** One headline of one place in the first run and in each of the others that have it. */
interface Effect {
  title: string;
  workload: string;
  arm: string;
  /** By the letter of the other run, in their order. */
  rows: [letter: string, row: HeadlineRow][];
}

/** Letters by which runs are called: the first is A. */
export function letterOf(at: number): string {
  return String.fromCharCode("A".charCodeAt(0) + at);
}

/**
 * Headlines that differ as dumbbells, the largest change first: a ring for the first run, a point for
 * each other, and a bar between them in the colour of its direction. Those of one headline share a
 * scale that begins at 0. Headlines that are equal are one sentence.
 */
export function dumbbells(comparisons: readonly Comparison[]): Markup {
  const all = effectsOf(comparisons);
  const moved = all.filter(({ rows }) => rows.some(([, row]) => row.equalPairs !== row.pairs));
  const equal = all.length - moved.length;
  const rest = equal === 0
    ? ""
    : equal === all.length
    ? `All ${all.length} headlines are equal in every pair of trials.`
    : `Equal in every pair of trials: ${equal} of ${all.length} headlines.`;
  return markup`${
    moved.length > 0 && markup`<ol class="dumbbells">
${moved.map((effect) => dumbbell(effect, all, comparisons.length > 1))}</ol>`
  }
<p>${rest}</p>`;
}

/** Each comparison has its headlines by size; together they go by the largest of all runs. */
function effectsOf(comparisons: readonly Comparison[]): Effect[] {
  const effects = new Map<string, Effect>();
  comparisons.forEach(({ headlines }, at) => {
    for (const row of headlines) {
      const { title, workload, arm } = row;
      const key = JSON.stringify([title, workload, arm]);
      const effect = effects.get(key) ?? { title, workload, arm, rows: [] };
      effects.set(key, effect);
      effect.rows.push([letterOf(at + 1), row]);
    }
  });
  return [...effects.values()].sort((one, other) => largestOf(other) - largestOf(one));
}

function largestOf({ rows }: Effect): number {
  return Math.max(
    ...rows.map(([, { a, b, change }]) =>
      change === null ? a === b ? 0 : Number.MAX_VALUE : Math.abs(change)
    ),
  );
}

function dumbbell(effect: Effect, all: readonly Effect[], several: boolean): Markup {
  const { title, workload, arm, rows } = effect;
  const most = Math.max(
    ...all.filter((other) => other.title === title)
      .flatMap(({ rows }) => rows.flatMap(([, { a, b }]) => [a, b])),
  );
  const place = (value: number) => most === 0 ? 0 : 100 * value / most;
  return markup`<li><p><strong>${title}</strong> ${workload}${arm !== "" && ", "}${
    arm !== "" && armLabel(arm)
  }</p>
${
    rows.map(([letter, row]) => {
      const [left, right] = [place(row.a), place(row.b)];
      const [from, to] = left < right ? [left, right] : [right, left];
      return markup`<div class="effect ${directionOf(row)}"><div class="track" aria-hidden="true">
<i class="bar" style="left:${from.toFixed(2)}%;width:${(to - from).toFixed(2)}%"></i>
<i class="ring" style="left:${left.toFixed(2)}%"></i>
<i class="point" style="left:${right.toFixed(2)}%"></i></div>
<span class="numbers">${several && `A \u2192 ${letter} `}${significant(row.a)} \u2192 ${
        significant(row.b)
      }</span>
<strong class="change">${relationOf(row)}</strong>${
        row.effect !== null && markup`<span class="estimate">B \u2212 A: ${effectOf(row)}</span>`
      }</div>
`;
    })
  }</li>
`;
}
