// SPDX-License-Identifier: Apache-2.0
/** Charts at the width of where they stand: their panels are made as wide as there is room for. */
type Spec = Record<string, unknown>;

/** Panels narrower than this are put below each other, px. */
const NARROW_PANEL = 190;
/** Of no use below this, px. */
const LEAST_PANEL = 40;

/** How a drawing's width comes about: `frame` for all that is no panel, and `across` panels, px. */
export interface Fit {
  across: number;
  frame: number;
}

function isSpec(value: unknown): value is Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The width of a chart's panels, px; undefined if it says none. */
export function panelWidth(spec: Spec): number | undefined {
  if (typeof spec.width === "number") return spec.width;
  return isSpec(spec.spec) ? panelWidth(spec.spec) : undefined;
}

/** The chart with panels of this width, px. */
export function withPanelWidth(spec: Spec, width: number): Spec {
  if (typeof spec.width === "number") return { ...spec, width };
  return isSpec(spec.spec) ? { ...spec, spec: withPanelWidth(spec.spec, width) } : spec;
}

/** How wide panels must be for the whole to be `wanted` px wide. */
export function fittingWidth({ across, frame }: Fit, wanted: number): number {
  return Math.max(LEAST_PANEL, Math.floor((wanted - frame) / across));
}

/** What two drawings of a chart, with panels of two widths, say of how its width comes about. */
export function fitOf(
  [panel, whole]: readonly [number, number],
  [panelToo, wholeToo]: readonly [number, number],
): Fit {
  const across = Math.max(1, Math.round((wholeToo - whole) / (panelToo - panel)));
  return { across, frame: whole - across * panel };
}

/**
 * The chart for a place of `wanted` px: as it was drawn where its panels have as much room there, otherwise
 * panels that stand side by side go on in the next line.
 */
export function narrowed(spec: Spec, wanted: number, fit: Fit): Spec {
  const drawn = panelWidth(spec) ?? 0;
  if (fittingWidth(fit, wanted) >= Math.min(drawn, NARROW_PANEL)) return spec;
  return inLines(spec, wanted);
}

function inLines(spec: Spec, wanted: number): Spec {
  const columns = Math.max(1, Math.floor(wanted / NARROW_PANEL));
  if (typeof spec.columns === "number") {
    return { ...spec, columns: Math.min(spec.columns, columns) };
  }
  const facet = spec.facet;
  if (!isSpec(facet) || !isSpec(spec.spec)) return spec;
  if (!isSpec(facet.column)) return { ...spec, spec: inLines(spec.spec, wanted) };
  const { resolve } = spec;
  const panels = { facet: facet.column, columns, spec: spec.spec, ...(resolve ? { resolve } : {}) };
  if (facet.row === undefined) return { ...spec, ...panels };
  return { ...spec, facet: { row: facet.row }, spec: panels };
}
