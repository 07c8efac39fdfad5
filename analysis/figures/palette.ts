// SPDX-License-Identifier: Apache-2.0
/** A colour on light paper and on dark screens. */
export interface Colour {
  light: string;
  dark: string;
}

/** The colours of every figure that stand for no arm. Charts call them by name. */
export const palette = {
  ink: { light: "#222222", dark: "#e6e6e6" },
  muted: { light: "#6a6a6a", dark: "#a3a3a3" },
  grid: { light: "#dcdcdc", dark: "#3a3a3a" },
  /** Of points where nothing is told apart by colour: Okabe and Ito's blue. */
  accent: { light: "#0072b2", dark: "#56b4e9" },
} as const satisfies Record<string, Colour>;
