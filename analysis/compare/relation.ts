// SPDX-License-Identifier: Apache-2.0
import { signedPercent } from "../findings/numbers.ts";
import type { HeadlineRow } from "./comparison.ts";

/** Which way a headline goes from the first run to the second. */
export function directionOf({ a, b }: HeadlineRow): "up" | "down" | "level" {
  return a === b ? "level" : b > a ? "up" : "down";
}

const ARROWS = { up: "\u25b2 ", down: "\u25bc ", level: "" };

/** How a headline's two sides relate: "\u25b2 +3.1 %", or in words. */
export function relationOf(row: HeadlineRow): string {
  const { equalPairs, pairs, change } = row;
  if (equalPairs === pairs) return "equal";
  if (change === 0) return "means equal";
  const arrow = ARROWS[directionOf(row)];
  return change === null ? `${arrow}from nothing` : `${arrow}${signedPercent(change)}`;
}
