// SPDX-License-Identifier: Apache-2.0
import type { Colour } from "./palette.ts";

/** How an arm looks in every figure. */
export interface Arm {
  name: string;
  /** What becomes of a guest's mapping of a merged page, in the words of a reader who is new to this. */
  plain: string;
  colour: Colour;
  /** Points: an outline of this form and area, px², or one that is filled. */
  shape: string;
  size: number;
  filled: boolean;
  /** Lines: width, px, opacity, and dashes, px; none: a whole line. */
  width: number;
  opacity: number;
  dash: readonly number[] | null;
}

/**
 * All arms in the order in which axes and legends name them. A new arm needs a line here; charts,
 * report and view take it from here.
 *
 * The colours of off, on and map are Okabe and Ito's vermilion, blue and bluish green (Color
 * Universal Design, 2008). People with any of the common colour deficiencies can tell them apart, on
 * dark screens as well. In grey they are close: there shape and dash tell arms apart. Equal values
 * lie on one another, so outlines and wide lines stand around what is small and narrow.
 */
export const arms: readonly Arm[] = [
  {
    name: "stock",
    plain: "unpatched kernel",
    colour: { light: "#555555", dark: "#b8b8b8" },
    ...{ shape: "square", size: 64, filled: false },
    ...{ width: 2.2, opacity: 0.8, dash: [6, 3] },
  },
  {
    name: "off",
    plain: "mapping dropped",
    colour: { light: "#d55e00", dark: "#f08a3c" },
    ...{ shape: "circle", size: 64, filled: false },
    ...{ width: 3.6, opacity: 0.5, dash: null },
  },
  {
    name: "on",
    plain: "updated in place",
    colour: { light: "#0072b2", dark: "#56b4e9" },
    ...{ shape: "circle", size: 22, filled: true },
    ...{ width: 1.3, opacity: 1, dash: null },
  },
  {
    name: "map",
    plain: "mapped anew",
    colour: { light: "#009e73", dark: "#1a8f80" },
    ...{ shape: "diamond", size: 90, filled: false },
    ...{ width: 1.8, opacity: 1, dash: [2, 2] },
  },
  {
    name: "flip",
    plain: "switched all the time",
    colour: { light: "#4b1d7a", dark: "#b04fe0" },
    ...{ shape: "triangle-up", size: 64, filled: false },
    ...{ width: 1.8, opacity: 1, dash: [8, 3, 2, 3] },
  },
];

/** Arms that `treatment` is held against: the first of them that a run has. */
export const baselines = ["off", "stock"] as const;

/** The arm whose effect figures show. */
export const treatment = "on";

/** An arm by its plain name with its short one: "updated in place (on)"; others by their name. */
export function armInWords(name: string, some: readonly Arm[] = arms): string {
  const arm = some.find((one) => one.name === name);
  return arm === undefined ? name : `${arm.plain} (${name})`;
}
