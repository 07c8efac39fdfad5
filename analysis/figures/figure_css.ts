// SPDX-License-Identifier: Apache-2.0
import { arms } from "./arms.ts";
import { type Colour, palette } from "./palette.ts";

/**
 * CSS that repaints inlined figures where the page is dark, and gives names of arms the looks they have
 * in figures. The files themselves stay light.
 */
export function figureCss(): string {
  const colours: Colour[] = [...Object.values(palette), ...arms.map(({ colour }) => colour)];
  const dark = new Map(colours.map((colour) => [colour.light, colour.dark]));
  const rules = [...dark].flatMap(([light, dark]) => [
    `svg [fill="${light}"] { fill: light-dark(${light}, ${dark}); }`,
    `svg [stroke="${light}"] { stroke: light-dark(${light}, ${dark}); }`,
  ]);
  const swatches = arms.map(({ name, colour: { light, dark }, filled }) => {
    const colour = `light-dark(${light}, ${dark})`;
    return `.arm-${name}::before { border-color: ${colour};${
      filled ? ` background: ${colour};` : ""
    } }`;
  });
  return [...rules, ...swatches].join("\n");
}
