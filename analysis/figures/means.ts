// SPDX-License-Identifier: Apache-2.0
import type { Part } from "./spec.ts";

/** What a chart says of its means. */
interface Means {
  /** The field they are of. */
  of: string;
  /** Form of the number. */
  format: string;
  /** How points tell arms apart; none: they do not. */
  look?: Part;
  axis?: Part;
  tooltip: unknown[];
}

/** Pixels between the farthest point and the number. */
const NUMBER_APART = 10;

/** The axis of names at the left of the means. */
const NAMES_AXIS = {
  ...{ title: null, domain: false, ticks: false, labelFontSize: 12, labelLimit: 420, offset: 8 },
};

/**
 * Writes out the short form `means` of a view: a point for each trial, a bar and its number for their
 * mean. Where the axis names arms, a legend would say it once more.
 */
export function writeOutMeans({ means, ...view }: Part): Part {
  if (means === undefined) return view;
  const { of, format, look, axis, tooltip } = means as Means;
  const { y, ...encoding } = view.encoding as { y: Part };
  const x = { field: of, type: "quantitative" };
  const apart = look === undefined ? {} : { detail: { field: look.field } };
  const looks = look === undefined
    ? { stroke: { value: "accent" }, size: { value: 40 } }
    : { look: y.field === look.field ? { ...look, legend: null } : look };
  return {
    ...view,
    layer: [
      {
        mark: { type: "bar", height: 1.5, color: "muted" },
        encoding: { x: { ...x, aggregate: "mean" }, ...apart },
      },
      {
        mark: { type: "point", strokeWidth: 1.6, opacity: 1 },
        encoding: {
          ...looks,
          x: {
            ...x,
            scale: { zero: true, nice: true },
            axis: { title: null, tickCount: 3, format: ",~r", ...axis },
          },
          tooltip,
        },
      },
      {
        mark: { type: "text", align: "left", dx: NUMBER_APART, baseline: "middle" },
        encoding: {
          x: { ...x, aggregate: "max" },
          text: { ...x, aggregate: "mean", format },
          ...apart,
        },
      },
    ],
    encoding: {
      y: { type: "nominal", ...y, axis: { ...NAMES_AXIS, ...y.axis as Part } },
      ...encoding,
    },
  };
}
