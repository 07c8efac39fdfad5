// SPDX-License-Identifier: Apache-2.0
import type { Part } from "./spec.ts";

/** A label in lines: the workload, then its factors, one a line where a panel is narrow. */
const NARROW_LINES = "split(datum.label, regexp(' · |, '))";
/** Characters of a bold label that fit above a row of panels. */
const ROW_CHARACTERS = 80;
const WIDE_LINES = `length(datum.label) > ${ROW_CHARACTERS} ? ${NARROW_LINES} : ` +
  "split(datum.label, ' · ')";

/** Headers stand above what they name, from its left edge. */
const ROW = {
  ...{ labelAngle: 0, labelOrient: "top", labelAnchor: "start", labelPadding: 4 },
  ...{ labelLimit: 560, labelExpr: WIDE_LINES },
};
const PANEL = { labelAnchor: "start", labelExpr: NARROW_LINES };
const COLUMN = {
  ...{ labelPadding: 8, labelFontWeight: "normal", labelFontSize: 11 },
  labelExpr: "split(datum.label, ' | ')",
};
/* Vega-Lite puts an expression in the place of datum.label, and no brackets around it. */
const COLUMNS: Record<string, Part> = {
  phase: { labelPadding: 6, labelFontWeight: "normal" },
  kernel: { ...COLUMN, labelExpr: "'Linux ' + (datum.label)" },
  mmu: { ...COLUMN, labelExpr: "'paging: ' + (datum.label)" },
};

/** What a facet is: panels that go on in the next line, or the rows or columns of a grid. */
export type Place = "panel" | "row" | "column";

/** Columns of the answers by which these are sorted. */
const SORTED_BY: Record<string, string> = { panel: "place", phase: "ordinal" };

/**
 * The house's order and header of a facet; what the chart says itself stays.
 *
 * @param orders names in their order, by field
 */
export function facetField(
  facet: Part,
  place: Place,
  orders: Readonly<Record<string, readonly string[]>>,
): Part {
  const { field, header } = facet as { field: string; header?: Part };
  const house = place === "row" ? ROW : place === "panel" ? PANEL : COLUMNS[field] ?? COLUMN;
  const by = SORTED_BY[field];
  const sort = by === undefined ? orders[field] : { field: by, op: "min" };
  return { type: "nominal", sort, ...facet, header: { title: null, ...house, ...header } };
}
