// SPDX-License-Identifier: Apache-2.0
import type { Colour } from "./palette.ts";

/** How an arm looks in every figure. */
export interface Arm {
  name: string;
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
    colour: { light: "#555555", dark: "#b8b8b8" },
    ...{ shape: "square", size: 64, filled: false },
    ...{ width: 2.2, opacity: 0.8, dash: [6, 3] },
  },
  {
    name: "off",
    colour: { light: "#d55e00", dark: "#f08a3c" },
    ...{ shape: "circle", size: 64, filled: false },
    ...{ width: 3.6, opacity: 0.5, dash: null },
  },
  {
    name: "on",
    colour: { light: "#0072b2", dark: "#56b4e9" },
    ...{ shape: "circle", size: 22, filled: true },
    ...{ width: 1.3, opacity: 1, dash: null },
  },
  {
    name: "map",
    colour: { light: "#009e73", dark: "#1a8f80" },
    ...{ shape: "diamond", size: 90, filled: false },
    ...{ width: 1.8, opacity: 1, dash: [2, 2] },
  },
  {
    name: "flip",
    colour: { light: "#4b1d7a", dark: "#b04fe0" },
    ...{ shape: "triangle-up", size: 64, filled: false },
    ...{ width: 1.8, opacity: 1, dash: [8, 3, 2, 3] },
  },
];

/** Arms that `treatment` is held against: the first of them that a run has. */
export const baselines = ["off", "stock"] as const;

/** The arm whose effect figures show. */
export const treatment = "on";
