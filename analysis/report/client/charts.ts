// SPDX-License-Identifier: Apache-2.0
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="esnext" />
import {
  type Fit,
  fitOf,
  fittingWidth,
  narrowed,
  panelWidth,
  withPanelWidth,
} from "../../figures/fit.ts";
import { withPlaces } from "../../figures/places.ts";
import { type PackedData, type PackedTable, type Row, rowsOf } from "./data.ts";
import { button, csvOf, download } from "./download.ts";
import { loadLibraries } from "./libraries.ts";

type Spec = Record<string, unknown>;

interface View {
  toSVG(): Promise<string>;
  toImageURL(type: "png", scale: number): Promise<string>;
  finalize(): void;
}

declare const vegaEmbed: (
  element: HTMLElement,
  spec: Spec,
  options: Record<string, unknown>,
) => Promise<{ view: View }>;

/** Pixels of a downloaded picture for one of the figure. */
const PICTURE_SCALE = 3;

/** How far below the window a figure is drawn already. */
const AHEAD = "600px";

/** A figure that can be asked for other rows. */
export interface Figure {
  draw(workload: string): void;
}

/** Makes the figures interactive, each when it comes near the window. The static ones stay for print. */
export function enhanceFigures(data: PackedData): Figure[] {
  return [...document.querySelectorAll<HTMLElement>("figure[data-chart]")]
    .flatMap((element) => enhanceFigure(element, data) ?? []);
}

function enhanceFigure(element: HTMLElement, data: PackedData): Figure | null {
  const name = element.dataset.chart ?? "";
  const spec = data.charts[name];
  const still = element.querySelector<HTMLElement>(".drawing");
  if (spec === undefined || still === null) return null;
  const packed = tablesOf(spec).flatMap((table) => {
    const columns = tableFor(data, name, table);
    return columns === undefined ? [] : [[table, rowsOf(columns)] as const];
  });
  const tables = Object.entries(withPlaces(Object.fromEntries(packed)))
    .map(([table, rows]) => ({ name: table, rows }));
  const live = document.createElement("div");
  live.className = "drawing live";
  live.tabIndex = 0;
  const state = { workload: "", phase: "", view: null as View | null };

  const draw = async () => {
    const datasets = Object.fromEntries(tables.map(({ name, rows }) => [
      name,
      rows.filter((row) =>
        fits(row, "workload", state.workload) && fits(row, "phase", state.phase)
      ),
    ]));
    await loadLibraries();
    state.view = await drawFitting(
      live,
      { ...withHoverTargets(spec), datasets },
      element.clientWidth,
    );
    // The figure as a whole says what it shows; thousands of marks would drown that.
    live.setAttribute("role", "img");
    live.removeAttribute("aria-roledescription");
    live.querySelector("svg")?.setAttribute("aria-hidden", "true");
    live.setAttribute("aria-label", still.querySelector("svg")?.getAttribute("aria-label") ?? name);
    if (live.parentElement === null) {
      still.before(live);
      element.classList.add("enhanced");
    }
  };
  /* One after the other: two that drew at once would measure each other's width. */
  let drawn = Promise.resolve();
  const lazily = whenNear(element, () => {
    drawn = drawn.then(draw).catch((error) => console.error(name, error));
  });

  const tools = document.createElement("div");
  tools.className = "tools";
  const phases = distinct(tables.flatMap(({ rows }) => rows.map(({ phase }) => phase)));
  const { choose } = (spec.usermeta ?? {}) as { choose?: string };
  if (choose === "phase" && phases.length > 1) {
    tools.append(select("Phase", ["all", ...phases], (value) => {
      state.phase = value === "all" ? "" : value;
      lazily();
    }));
  }
  tools.append(
    button("SVG", `Figure ${name} as SVG`, async () => {
      download(`${name}.svg`, await state.view?.toSVG() ?? "", "image/svg+xml");
    }),
    button("PNG", `Figure ${name} as PNG`, async () => {
      const url = await state.view?.toImageURL("png", PICTURE_SCALE);
      if (url !== undefined) download(`${name}.png`, blobOf(url));
    }),
    button("CSV", `Data of figure ${name} as CSV`, () => {
      for (const table of tables) {
        const { columns } = tableFor(data, name, table.name)!;
        const lines = table.rows.map((row) => columns.map((column) => row[column]));
        download(`${table.name}.csv`, csvOf([columns, ...lines]), "text/csv");
      }
    }),
  );
  element.querySelector("figcaption")?.before(tools);
  /* Its first call says how wide it is: to ask for that here would lay the page out once for each figure. */
  let width: number | undefined;
  new ResizeObserver(([entry]) => {
    const now = entry?.contentRect.width;
    if (width !== undefined && now !== width) lazily();
    width = now;
  }).observe(element);
  lazily();
  return {
    draw: (workload) => {
      state.workload = workload;
      lazily();
    },
  };
}

/** The rows that a chart draws: the table, or what stands for it. */
function tableFor(data: PackedData, chart: string, table: string): PackedTable | undefined {
  return data.drawn[chart]?.[table] ?? data.tables[table];
}

/** A figure that is off its place's width by more than this is drawn again, px. */
const NEAR_ENOUGH = 6;

/** How much of a figure's width its panels have, about, if they stand below each other. */
const A_PANEL = 0.6;

/** Below this width a name in two ways takes the room of the figure, px. */
const PHONE = 480;

/**
 * The chart with more room for what it shows: axes name arms by their plain names only, the names of a legend
 * stand below each other, and a title ends where its panel does, since centred it would be wider than that.
 */
function forPhone(spec: Spec): Spec {
  return JSON.parse(JSON.stringify(spec), (key, value) => {
    const axis = value?.axis;
    if (key === "legend" && value?.orient === "top") return { ...value, columns: 1 };
    if (key === "x" && typeof axis?.title === "string") {
      return { ...value, axis: { ...axis, titleAnchor: "end" } };
    }
    if (key !== "y" || value?.field !== "arm" || axis?.labelExpr === undefined) return value;
    const labelExpr = `replace((${axis.labelExpr}), / \\(.*/, '')`;
    return { ...value, axis: { ...axis, labelExpr } };
  });
}

/** Draws a figure as wide as its place, from what the drawing of the file says of its frame. */
async function drawFitting(live: HTMLElement, spec: Spec, wanted: number): Promise<View> {
  const fit = (spec.usermeta as { fit?: Fit } | undefined)?.fit;
  const draw = async (fitting: Spec) =>
    (await vegaEmbed(live, fitting, {
      renderer: "svg",
      actions: false,
      // No expression is compiled: the page forbids eval.
      ast: true,
      tooltip: { disableDefaultStyle: true },
    })).view;
  if (fit === undefined) return await draw(spec);
  const narrow = narrowed(wanted < PHONE ? forPhone(spec) : spec, wanted, fit);
  const width = (drawn: Spec) =>
    live.querySelector("svg")?.width.baseVal.value ?? panelWidth(drawn)!;
  /* Of another layout nothing is known yet; a narrow panel would say how wide the legend is. */
  const guess = narrow === spec ? fittingWidth(fit, wanted) : Math.round(A_PANEL * wanted);
  const first = withPanelWidth(narrow, guess);
  const view = await draw(first);
  if (Math.abs(width(first) - wanted) <= NEAR_ENOUGH) return view;
  view.finalize();
  const other = withPanelWidth(narrow, panelWidth(first)! + 20);
  const before = [panelWidth(first)!, width(first)] as const;
  (await draw(other)).finalize();
  const found = fitOf(before, [panelWidth(other)!, width(other)]);
  return await draw(withPanelWidth(narrow, fittingWidth(found, wanted)));
}

/** Bytes of a data: URL. It is not fetched, since the page may fetch nothing. */
function blobOf(url: string): Blob {
  const bytes = Uint8Array.from(atob(url.split(",")[1] ?? ""), (char) => char.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

/** Rows that have no such column, as of phases' marks, fit every choice. */
function fits(row: Row, column: string, wanted: string): boolean {
  return wanted === "" || !(column in row) || row[column] === wanted;
}

/** Calls `act` when the element is near the window: at once, or as soon as it is scrolled there. */
function whenNear(element: HTMLElement, act: () => void): () => void {
  let [near, due] = [false, false];
  const run = () => {
    if (!near || !due) return;
    due = false;
    act();
  };
  new IntersectionObserver(([entry]) => {
    near = entry?.isIntersecting ?? false;
    run();
  }, { rootMargin: AHEAD }).observe(element);
  return () => {
    due = true;
    run();
  };
}

/** A line is thin: invisible points on it are what the pointer finds. */
function withHoverTargets(spec: Spec): Spec {
  return JSON.parse(JSON.stringify(spec), (key, value) => {
    const bare = key === "mark" && value?.type === "line" && value.point === undefined;
    return bare ? { ...value, point: { fillOpacity: 0, strokeOpacity: 0, size: 80 } } : value;
  });
}

/** Names of the data that a spec draws. */
function tablesOf(spec: Spec): string[] {
  const names = new Set<string>();
  JSON.stringify(spec, (key, value) => {
    if (key === "data" && typeof value?.name === "string") names.add(value.name);
    return value;
  });
  return [...names];
}

function distinct(values: readonly unknown[]): string[] {
  return [...new Set(values.filter((value) => typeof value === "string"))];
}

function select(
  label: string,
  values: readonly string[],
  changed: (value: string) => void,
): HTMLLabelElement {
  const choice = document.createElement("select");
  choice.append(...values.map((value) => new Option(value, value)));
  choice.addEventListener("change", () => changed(choice.value));
  const element = document.createElement("label");
  element.append(`${label} `, choice);
  return element;
}
