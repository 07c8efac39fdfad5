// SPDX-License-Identifier: Apache-2.0
/** How numbers look in sentences and tables. Between a number and its unit stands a space that does not break. */

const NO_BREAK = "\u00a0";

const MINUS = "\u2212";

/** A whole number with separators of thousands and a true minus sign: 24,208. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US").replace("-", MINUS);
}

/** A number to three significant digits, whole from 100 on, without needless zeros: 2.31, 0.024, 1,240. */
export function significant(value: number): string {
  if (value === 0) return "0";
  if (Math.abs(value) >= 99.95) return whole(value);
  return String(Number(value.toPrecision(3))).replace("-", MINUS);
}

/** The same with its sign, also where it is a plus. */
export function signed(value: number): string {
  return `${value > 0 ? "+" : ""}${significant(value)}`;
}

/** A number with its unit. */
export function withUnit(value: number, unit: string): string {
  return `${significant(value)}${NO_BREAK}${unit}`;
}

/**
 * A share as a percentage with one decimal. Never "100.0 %" or "0.0 %" by rounding: a share that is
 * not all is at most "99.9 %" and one that is not nothing at least "0.1 %".
 */
export function percent(share: number): string {
  const size = Math.abs(share);
  let shown = Math.round(size * 1000) / 10;
  if (size < 1 && shown >= 100) shown = 99.9;
  if (size > 0 && shown === 0) shown = 0.1;
  const digits = size === 1 || size === 0 ? 0 : 1;
  return `${share < 0 ? MINUS : ""}${shown.toFixed(digits)}${NO_BREAK}%`;
}

/** The same with its sign, also where it is a plus: "+2.1 %", "−99.1 %". */
export function signedPercent(share: number): string {
  return `${share > 0 ? "+" : ""}${percent(share)}`;
}

/** "4 seeds", "1 seed". */
export function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
