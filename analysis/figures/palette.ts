/**
 * The colours of every figure, for light paper and for dark screens.
 *
 * Arms take Okabe and Ito's vermilion and blue (Color Universal Design, 2008), which people with
 * any of the common colour deficiencies can tell apart. In grey they are close, so figures also tell
 * arms apart by shape or dash.
 */
export const palette = {
  ink: { light: "#222222", dark: "#e6e6e6" },
  muted: { light: "#6a6a6a", dark: "#a3a3a3" },
  grid: { light: "#dcdcdc", dark: "#3a3a3a" },
  off: { light: "#d55e00", dark: "#f08a3c" },
  on: { light: "#0072b2", dark: "#56b4e9" },
  stock: { light: "#555555", dark: "#b8b8b8" },
} as const;

/** CSS that repaints inlined figures where the page is dark. The files themselves stay light. */
export function figureCss(): string {
  const rules = Object.values(palette).flatMap(({ light, dark }) => [
    `svg [fill="${light}"] { fill: light-dark(${light}, ${dark}); }`,
    `svg [stroke="${light}"] { stroke: light-dark(${light}, ${dark}); }`,
  ]);
  return rules.join("\n");
}
