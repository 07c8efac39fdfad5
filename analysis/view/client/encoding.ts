// SPDX-License-Identifier: Apache-2.0
/** From an answer to a chart: which column goes where, unless the reader says otherwise. */
import { arms } from "../../figures/arms.ts";
import { phaseNames } from "../../../contract/phases.ts";
import type { Answer, Result } from "../../engine/result.ts";

export type Spec = Record<string, unknown>;

/** What the reader can choose; "" leaves a channel free. */
export interface Choice {
  mark: Mark;
  x: string;
  y: string;
  colour: string;
  /** A chart of its own for each of its values. */
  panels: string;
}

export const marks = ["bar", "line", "point", "area", "tick", "boxplot"] as const;
export type Mark = (typeof marks)[number];

/** What columns can go to. */
export const channels = ["x", "y", "colour", "panels"] as const;

/** Texts with more values than these make no axis of names, and with more than those no legend. */
const MOST_NAMES = 40;
const MOST_COLOURS = 8;

/** Numbers that are names: to draw how high they are says nothing. */
const NAMES = /^(seed|block|guest|round|trial_number|phase_ordinal|seq|.*_code)$/;
/** Texts that tell rows apart and nothing else: the last resort for an axis. */
const IDENTITIES = /^(trial|identity|digest|settings|checksum)$/;
/** Numbers that go on: what belongs on the axis below. */
const RUNNING =
  /(^|_)(t_ns|t_ms|time_s|ordinal|bin|round|full_scans|scan|guests|.*_ticks|begin_.*)$/;

interface Column {
  name: string;
  number: boolean;
  /** Rows in which it is not NULL. */
  filled: number;
  /** Different values. */
  values: number;
}

/** The choice that is made for an answer; null if there is nothing to draw. */
export function chooseEncoding(result: Result): Choice | null {
  const columns = result.columns.map((name) => columnOf(name, result.rows));
  const numbers = columns.filter(({ number, values }) => number && values > 0);
  const measured = numbers.filter(({ name }) => !NAMES.test(name) && !RUNNING.test(name));
  const y = mostFilled(measured) ?? mostFilled(numbers);
  if (y === undefined) return null;
  const others = columns.filter(({ name, values }) => name !== y.name && values > 0);
  const texts = others.filter(({ name, number, values }) =>
    !number && values <= MOST_NAMES && !IDENTITIES.test(name)
  );
  const running = others.find(({ name, number, values }) =>
    number && values > 1 && RUNNING.test(name)
  );
  const colour = colourOf(texts, running === undefined);
  const named = texts.filter((text) => text !== colour && text.values > 1);
  const few = named.filter(({ name, values }) => name !== "run" && values <= MOST_COLOURS);
  const x = running ?? few[0] ?? mostValues(named) ?? texts.find((text) => text !== colour) ??
    others.find(({ number, name }) => number || IDENTITIES.test(name));
  const panels = named.find((text) => text !== x && text.values <= MOST_COLOURS);
  const placed = [x, colour, panels].flatMap((column) => column ?? []);
  return {
    mark: markOf(result.rows, x, placed),
    x: x?.name ?? "",
    y: y.name,
    colour: colour?.name ?? "",
    panels: panels?.name ?? "",
  };
}

/** The last of those that have a value in most rows: a query's result stands behind its parts. */
function mostFilled(columns: readonly Column[]): Column | undefined {
  const most = Math.max(...columns.map(({ filled }) => filled));
  return columns.findLast(({ filled }) => filled === most);
}

function mostValues(columns: readonly Column[]): Column | undefined {
  return columns.toSorted((a, b) => b.values - a.values)[0];
}

function columnOf(name: string, rows: readonly Answer[]): Column {
  const values = rows.flatMap((row) => row[name] ?? []);
  return {
    name,
    number: values.length > 0 && values.every((value) => typeof value === "number"),
    filled: values.length,
    values: new Set(values.map(String)).size,
  };
}

/** The arm if there is one: it has a colour everywhere in the lab. Else the run, else what fits. */
function colourOf(texts: readonly Column[], xIsFree: boolean): Column | undefined {
  const able = texts.filter(({ values }) => values > 1 && values <= MOST_COLOURS);
  const named = ["arm", "run"].flatMap((wanted) => able.filter(({ name }) => name === wanted))[0];
  if (named !== undefined) return named;
  // One text is needed for the axis.
  return able.length > 1 || !xIsFree ? able.at(-1) : undefined;
}

/** Lines along what goes on; bars where each has a place of its own; points where they share one. */
function markOf(rows: readonly Answer[], x: Column | undefined, placed: readonly Column[]): Mark {
  if (x?.number === true) return RUNNING.test(x.name) ? "line" : "point";
  const places = new Set(rows.map((row) => JSON.stringify(placed.map(({ name }) => row[name]))));
  return places.size === rows.length ? "bar" : "point";
}

/** What makes lines of their own: each trial, guest and round. */
function detailsOf({ columns }: Result, { x, y }: Choice): { field: string }[] {
  const apart = (name: string) => NAMES.test(name) || IDENTITIES.test(name);
  return columns.filter((name) => apart(name) && name !== x && name !== y)
    .map((name) => ({ field: escaped(name) }));
}

/** Colours of the lab's arms, and of other things in an order in which they are far apart. */
const ARMS = new Map(arms.map(({ name, colour }) => [name, colour.light]));
const COLOURS = [
  ...["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#8c6d31"],
];

/** Widths of a panel, and what stands beside all of them, pixels. */
const PANEL = { least: 200, most: 420, beside: 60 };
const LEGEND = 90;

/**
 * The chart as a Vega-Lite specification over data named "answer".
 *
 * @param width pixels that there are
 */
export function specOf(result: Result, choice: Choice, width: number): Spec {
  const { mark, x, y, colour, panels } = choice;
  const kind = (name: string) => columnOf(name, result.rows).number ? "quantitative" : "nominal";
  const channel = (name: string) => ({ field: escaped(name), type: kind(name), title: name });
  const encoding: Record<string, unknown> = {};
  const named = (name: string) => ({ ...channel(name), sort: orderOf(name) });
  if (x !== "") {
    encoding.x = kind(x) === "nominal"
      ? { ...named(x), axis: { labelAngle: -30, labelLimit: 110 } }
      : running(channel(x));
  }
  if (y !== "") encoding.y = kind(y) === "nominal" ? named(y) : channel(y);
  if (colour !== "") {
    const values = inOrder(
      [...new Set(result.rows.flatMap((row) => row[colour] ?? []).map(String))],
      orderOf(colour),
    );
    const range = values.map((value, at) => ARMS.get(value) ?? COLOURS[at % COLOURS.length]!);
    const scale = kind(colour) === "nominal" ? { domain: values, range } : { scheme: "viridis" };
    encoding.color = { ...channel(colour), scale };
    // Colours are no help in grey or to everybody's eyes.
    if (mark === "point") encoding.shape = { ...named(colour), scale: { domain: values } };
    if (mark === "line") encoding.strokeDash = { ...named(colour), scale: { domain: values } };
    if (kind(colour) === "nominal" && x !== "" && kind(x) === "nominal" && x !== colour) {
      encoding.xOffset = named(colour);
    }
  }
  if (mark === "line") encoding.detail = detailsOf(result, choice);
  const there = width - LEGEND;
  const wanted = panels === "" ? 1 : columnOf(panels, result.rows).values;
  const across = Math.max(1, Math.min(wanted, Math.floor(there / (PANEL.least + PANEL.beside))));
  const each = Math.max(PANEL.least, Math.floor(there / across) - PANEL.beside);
  if (panels !== "") encoding.facet = { ...named(panels), columns: across };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    data: { name: "answer" },
    mark: { type: mark, tooltip: { content: "data" } },
    encoding,
    ...(panels === ""
      ? { width: each, height: 300 }
      : { width: Math.min(PANEL.most, each), height: 180 }),
  };
}

/** What has an order of its own, which no query has to know; null: as the rows have it. */
function orderOf(name: string): readonly string[] | null {
  return /(^|_)phase$/.test(name) ? phaseNames : null;
}

function inOrder(values: readonly string[], order: readonly string[] | null): string[] {
  if (order === null) return [...values];
  const place = (value: string) => order.includes(value) ? order.indexOf(value) : order.length;
  return values.toSorted((a, b) => place(a) - place(b));
}

/** An axis of numbers that does not start at 0 where 0 means nothing. */
function running(channel: Record<string, unknown>): Record<string, unknown> {
  return { ...channel, scale: { zero: false, nice: true } };
}

/** Vega-Lite reads dots and brackets in a name as ways into an object. */
function escaped(name: string): string {
  return name.replace(/[.[\]\\'"]/g, "\\$&");
}
