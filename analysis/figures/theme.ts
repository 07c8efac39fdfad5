// SPDX-License-Identifier: Apache-2.0
import { type Arm, armInWords, arms as allArms, baselines, treatment } from "./arms.ts";
import { facetField, type Place } from "./headers.ts";
import { writeOutMeans } from "./means.ts";
import { ordersOf } from "./orders.ts";
import { palette } from "./palette.ts";
import type { ChartSpec, Part } from "./spec.ts";
import { measuresOf, writeOutTransform } from "./transforms.ts";

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** What an arm looks like in each channel that can tell arms apart. */
const LOOKS: Record<string, (arm: Arm) => unknown> = {
  stroke: ({ colour }) => colour.light,
  fill: ({ colour, filled }) => filled ? colour.light : "transparent",
  shape: ({ shape }) => shape,
  size: ({ size }) => size,
  color: ({ colour }) => colour.light,
  strokeWidth: ({ width }) => width,
  opacity: ({ opacity }) => opacity,
  strokeDash: ({ dash }) => dash,
};
const POINT_LOOK = ["stroke", "fill", "shape", "size"];
const LINE_LOOK = ["color", "strokeWidth", "opacity", "strokeDash"];
/** A line's symbol in the legend is a piece of it, long enough to show dashes. */
const LINE_SYMBOL = { symbolType: "stroke", symbolSize: 300 };

/** Channels that give names a place. */
const PLACES = ["x", "y", "xOffset", "yOffset"];
/** Channels and properties of marks that hold colours. */
const COLOURED = ["color", "stroke", "fill"];

/** What all parts of a chart are written with. */
interface House {
  arms: readonly Arm[];
  orders: Readonly<Record<string, readonly string[]>>;
  /** By the names that charts call them. */
  colours: ReadonlyMap<unknown, string>;
  /** Titles of the chart's measures. */
  measures: readonly string[];
}

/**
 * A chart of charts/ as Vega-Lite that stands alone. The files say what is drawn; this adds how the
 * house draws it, so that none of them names a colour, an arm or the form of a header:
 *
 * - `"look": { "field": "arm" }` in an encoding tells arms apart in every way that its mark has; a
 *   single channel of that field gets its scale and legend too: arms.ts.
 * - Axes and grids of the columns in orders.ts go by the order there.
 * - A facet by `panel`, `column` and the like gets its header and order: headers.ts.
 * - `panel` and `measures` among the transforms, and `means` in a view, are short forms:
 *   transforms.ts, means.ts.
 * - A colour is a name of palette.ts, or `baseline` or `treatment` for that arm's colour.
 * - A tooltip that is a text is a column of that name.
 * - Expressions can use the parameters `baselines` and `treatment`.
 */
export function themed(chart: Part, arms: readonly Arm[] = allArms): ChartSpec {
  const ofArm = (name: string) => arms.find((arm) => arm.name === name)!.colour;
  const named = { ...palette, baseline: ofArm(baselines[0]), treatment: ofArm(treatment) };
  const house: House = {
    arms,
    orders: ordersOf(arms),
    colours: new Map(Object.entries(named).map(([name, { light }]) => [name, light])),
    measures: measuresOf(chart),
  };
  const { description, ...spec } = view(chart, house);
  return { $schema: SCHEMA, description, ...paramsOf(spec), ...spec };
}

/** The parameters that a spec's expressions use. */
function paramsOf(spec: Part): { params?: Part[] } {
  const text = JSON.stringify(spec);
  const params = Object.entries({ baselines, treatment })
    .filter(([name]) => text.includes(`[${name}`))
    .map(([name, value]) => ({ name, value }));
  return params.length === 0 ? {} : { params };
}

/** A view of any kind, with those in it. */
function view(short: Part, house: House): Part {
  const whole = writeOutMeans(short);
  const parts: Record<string, (part: never) => unknown> = {
    transform: (transforms: Part[]) => transforms.flatMap(writeOutTransform),
    mark: (mark: Part) => coloured(mark, house),
    encoding: (encoding: Part) =>
      encodingOf(encoding, (whole.mark as Part | undefined)?.type, house),
    facet: (facet: Part) => facetOf(facet, house),
    spec: (spec: Part) => view(spec, house),
    layer: (layer: Part[]) => layer.map((each) => view(each, house)),
  };
  return mapped(whole, (key, value) => parts[key]?.(value as never) ?? value);
}

function coloured(mark: Part, { colours }: House): Part {
  return mapped(mark, (key, value) => COLOURED.includes(key) ? colours.get(value) ?? value : value);
}

function facetOf(facet: Part, { measures, orders }: House): Part {
  const field = (part: Part, place: Place) =>
    facetField(part, place, { ...orders, column: measures });
  if (facet.field !== undefined) return field(facet, "panel");
  return mapped(facet, (place, part) => field(part as Part, place as Place));
}

function encodingOf({ look, ...own }: Part, mark: unknown, house: House): Part {
  const channels = look === undefined ? [] : mark === "line" ? LINE_LOOK : POINT_LOOK;
  const looks = Object.fromEntries(channels.map((channel) => [channel, look]));
  return mapped({ ...looks, ...own }, (channel, value) => {
    if (channel === "tooltip") return (value as unknown[]).map(tooltipOf);
    return value === null ? null : channelOf(channel, value as Part, mark, house);
  });
}

function channelOf(channel: string, part: Part, mark: unknown, house: House): Part {
  const look = LOOKS[channel];
  if (look !== undefined && part.field === "arm") {
    return { ...armsIn(channel, look, house.arms, mark), ...part };
  }
  const order = house.orders[String(part.field)];
  if (order !== undefined && PLACES.includes(channel)) {
    const named = part.field === "arm" && channel === "y" && part.axis !== null
      ? { axis: { labelExpr: armLabels(house.arms), ...part.axis as Part } }
      : {};
    return { type: "nominal", sort: order, ...part, ...named };
  }
  return COLOURED.includes(channel) && house.colours.has(part.value)
    ? { ...part, value: house.colours.get(part.value) }
    : part;
}

function armsIn(
  channel: string,
  look: (arm: Arm) => unknown,
  arms: readonly Arm[],
  mark: unknown,
): Part {
  const domain = arms.map(({ name }) => name);
  // A channel of a line that also has points would otherwise make the points' symbols lines.
  const symbol = mark === "line" && channel !== "stroke" ? LINE_SYMBOL : {};
  return {
    type: channel === "shape" ? "nominal" : "ordinal",
    scale: { type: "ordinal", domain, range: arms.map(look) },
    legend: { title: null, orient: "top", labelExpr: armLabels(arms), ...symbol },
  };
}

/** An expression that names an arm by its plain and its short name. */
function armLabels(arms: readonly Arm[]): string {
  const names = Object.fromEntries(arms.map(({ name }) => [name, armInWords(name, arms)]));
  return `${JSON.stringify(names)}[datum.label] || datum.label`;
}

function tooltipOf(shown: unknown): Part {
  if (typeof shown === "string") return { field: shown, title: shown, type: "nominal" };
  const part = shown as Part;
  return { type: part.format === undefined ? "nominal" : "quantitative", ...part };
}

function mapped(part: Part, change: (key: string, value: unknown) => unknown): Part {
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, change(key, value)]));
}
