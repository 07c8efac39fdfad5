// SPDX-License-Identifier: Apache-2.0
import { parse, resetSVGDefIds, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Arm } from "./arms.ts";
import { fitOf, fittingWidth, panelWidth, withPanelWidth } from "./fit.ts";
import { withFewer } from "./many.ts";
import { palette } from "./palette.ts";
import { withArms, withPlaces } from "./places.ts";
import type { ChartSpec } from "./spec.ts";
import { themed } from "./theme.ts";
import type { Answer } from "../engine/result.ts";

/** A chart that has been drawn. */
export interface Drawing {
  /** The spec with its data in it: Vega-Lite draws it without anything else. */
  spec: ChartSpec;
  svg: string;
  /** Whether its rows stand for others: then they are not those of the answers. */
  fewer: boolean;
}

const FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif";

/**
 * What all charts look like. Widths of text can only be estimated without a canvas, so limits are
 * set where Vega would otherwise cut a label it believes too long.
 */
export const chartConfig = {
  background: "transparent",
  font: FONT,
  axis: {
    domainColor: palette.muted.light,
    tickColor: palette.muted.light,
    gridColor: palette.grid.light,
    labelColor: palette.ink.light,
    titleColor: palette.ink.light,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    labelLimit: 220,
    titleLimit: 700,
    titlePadding: 8,
  },
  header: {
    labelColor: palette.ink.light,
    titleColor: palette.ink.light,
    labelFontSize: 12,
    labelFontWeight: "bold",
    labelLimit: 320,
    titleLimit: 700,
  },
  legend: {
    labelColor: palette.ink.light,
    titleColor: palette.ink.light,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    labelLimit: 220,
    symbolSize: 70,
  },
  text: { color: palette.ink.light, fontSize: 11 },
  view: { stroke: null },
};

/** Names of all charts of charts/. */
export async function listCharts(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(new URL("charts/", import.meta.url))) {
    if (name.endsWith(".vl.json")) names.push(name.slice(0, -".vl.json".length));
  }
  return names.sort();
}

/**
 * Reads a chart of charts/ by name, as Vega-Lite that stands alone.
 *
 * @param arms of which it says how they look
 */
export async function readChart(name: string, arms?: readonly Arm[]): Promise<ChartSpec> {
  const text = await Deno.readTextFile(new URL(`charts/${name}.vl.json`, import.meta.url));
  return themed(JSON.parse(text), arms);
}

/** The questions whose answers a chart draws. */
export function questionsOf(spec: ChartSpec): string[] {
  const names = new Set<string>();
  const walk = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    if ("data" in value) {
      const { data } = value as { data?: { name?: unknown } };
      if (typeof data?.name === "string") names.add(data.name);
    }
    Object.values(value).forEach(walk);
  };
  walk(spec);
  return [...names].sort();
}

/** How wide charts are drawn, px: the column of a report, and a page of paper with its margins. */
export const FULL_WIDTH = 720;
/** Nearer to it than this is near enough, px. */
const NEAR_ENOUGH = 4;

/**
 * Draws a chart as SVG, as wide as a report's column. The same spec and data give the same bytes.
 *
 * @param answers rows by name of question
 */
export async function drawChart(
  whole: ChartSpec,
  answers: Readonly<Record<string, readonly Answer[]>>,
): Promise<Drawing> {
  const { chart, fewer, answers: shown } = withFewer(
    whole,
    Object.fromEntries(questionsOf(whole).map((name) => [name, answers[name] ?? []])),
  );
  const datasets = withPlaces(shown);
  const config = { ...chartConfig, ...chart.config as object };
  const rows = Object.values(datasets).flat();
  const spec = { ...withArms(chart, rows), config, datasets, ...inColumns(chart, rows) };
  const panel = panelWidth(spec);
  const svg = await svgOf(spec);
  if (panel === undefined) return { spec, svg, fewer };
  const first = [panel, widthOf(svg)] as const;
  const guess = Math.max(1, Math.round(panel * FULL_WIDTH / widthOf(svg)));
  if (guess === panel) return { spec, svg, fewer };
  const second = await fitted(spec, guess);
  const fit = fitOf(first, [guess, widthOf(second.svg)]);
  const drawn = Math.abs(widthOf(second.svg) - FULL_WIDTH) <= NEAR_ENOUGH
    ? second
    : await fitted(spec, fittingWidth(fit, FULL_WIDTH));
  const usermeta = { ...chart.usermeta as object, fit };
  return { ...drawn, spec: { ...drawn.spec, usermeta }, fewer };
}

async function fitted(spec: ChartSpec, panel: number): Promise<Omit<Drawing, "fewer">> {
  const fitting = withPanelWidth(spec, panel);
  return { spec: fitting, svg: await svgOf(fitting) };
}

async function svgOf(spec: ChartSpec): Promise<string> {
  // The charts are data: Vega-Lite itself checks them when it compiles.
  const compiled = compile(spec as unknown as TopLevelSpec);
  const view = new View(parse(compiled.spec), { renderer: "none" });
  // Ids of clips count on through the life of the process.
  resetSVGDefIds();
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

function widthOf(svg: string): number {
  return Number(/<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1]);
}

/**
 * Panels in no more columns than their rows need: four stand two by two and not as three and one. Where
 * a row is not full Vega draws the axes of panels that are not there.
 */
function inColumns(chart: ChartSpec, rows: readonly Answer[]): { columns?: number } {
  if (typeof chart.columns !== "number") return {};
  const panels = new Set(rows.map(({ workload, condition }) => `${workload} ${condition}`)).size;
  const lines = Math.max(1, Math.ceil(panels / chart.columns));
  return { columns: Math.max(1, Math.ceil(panels / lines)) };
}
