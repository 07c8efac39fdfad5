// SPDX-License-Identifier: Apache-2.0
import type { Part } from "./spec.ts";

/** What is the same for all charts about the factors of a panel; a workload's own lose their prefix. */
const FACTORS = "(datum.condition ? ' · ' + replace(datum.condition, /workload\\./g, '') : '')";

/**
 * A chart's own short forms among its transforms, written out:
 *
 * - `{ panel: EXPRESSION }` names the panel of a row: that, and the factors the run varies.
 * - `{ measures: { COLUMN: TITLE } }` makes a row of each of these columns, with its `value` and its
 *   title as `column`. ` | ` in a title begins a new line.
 */
export function writeOutTransform(transform: Part): Part[] {
  if (typeof transform.panel === "string") {
    return [{ calculate: `${transform.panel} + ${FACTORS}`, as: "panel" }];
  }
  if (transform.measures === undefined) return [transform];
  const measures = transform.measures as Record<string, string>;
  return [
    { fold: Object.keys(measures), as: ["measure", "value"] },
    { calculate: `${JSON.stringify(measures)}[datum.measure]`, as: "column" },
    { filter: "isValid(datum.value)" },
  ];
}

/** Titles of a chart's measures in their order. */
export function measuresOf(chart: Part): string[] {
  const transforms = (chart.transform ?? []) as Part[];
  return transforms.flatMap(({ measures }) => Object.values(measures ?? {}));
}
