// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { arms } from "./arms.ts";

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/**
 * How colours look to people with full deficiencies, in linear sRGB: Machado, Oliveira and Fernandes,
 * "A physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15(6), 2009,
 * severity 1.0.
 */
const EYES: Record<string, Matrix> = {
  usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.303900],
  ],
};

/** From linear sRGB to the responses of the cones, and from their cube roots to Oklab (Ottosson, 2020). */
const CONES: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const OKLAB: Matrix = [
  [0.2104542553, 0.7936177850, -0.0040720468],
  [1.9779984951, -2.4285922050, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.8086757660],
];

/** Least distance in Oklab, of which 1 lies between black and white: far more than is just seen (0.02). */
const LEAST_DISTANCE = 0.08;
/** Least contrast of what carries meaning with what is behind it: WCAG 2.2, 1.4.11. */
const LEAST_CONTRAST = 3;
/** What is behind figures: style.css. */
const PAPER = { light: "#ffffff", dark: "#15171a" };

function times(matrix: Matrix, [a, b, c]: Triple): Triple {
  const [x, y, z] = matrix.map((row) => row[0] * a + row[1] * b + row[2] * c);
  return [x!, y!, z!];
}

function each([a, b, c]: Triple, change: (value: number) => number): Triple {
  return [change(a), change(b), change(c)];
}

function linear(hex: string): Triple {
  const value = Number.parseInt(hex.slice(1), 16);
  const parts: Triple = [value >> 16, value >> 8 & 255, value & 255];
  return each(parts, (part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
}

function seen(hex: string, eyes: Matrix): Triple {
  const light = each(times(eyes, linear(hex)), (part) => Math.min(1, Math.max(0, part)));
  return times(OKLAB, each(times(CONES, light), Math.cbrt));
}

function distance(a: Triple, b: Triple): number {
  return Math.hypot(...a.map((value, at) => value - b[at]!));
}

function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = linear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [less, more] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (more! + 0.05) / (less! + 0.05);
}

Deno.test("distance() is 1 between black and white, and contrast() 21", () => {
  const [black, white] = ["#000000", "#ffffff"].map((hex) => seen(hex, EYES.usual!));
  assertEquals(distance(black!, white!).toFixed(3), "1.000");
  assertEquals(contrast("#000000", "#ffffff").toFixed(1), "21.0");
});

for (const theme of ["light", "dark"] as const) {
  Deno.test(`colours of arms can be told apart by everybody: ${theme}`, () => {
    for (const [at, one] of arms.entries()) {
      for (const other of arms.slice(at + 1)) {
        for (const [name, eyes] of Object.entries(EYES)) {
          const apart = distance(seen(one.colour[theme], eyes), seen(other.colour[theme], eyes));
          assert(apart >= LEAST_DISTANCE, `${name}: ${one.name} and ${other.name}: ${apart}`);
        }
      }
      const against = contrast(one.colour[theme], PAPER[theme]);
      assert(against >= LEAST_CONTRAST, `${one.name} on the page: ${against}`);
    }
  });
}

Deno.test("no two arms share a point's form or a line's, which is what is left in grey", () => {
  const forms = arms.map(({ shape, filled }) => `${shape} ${filled}`);
  const lines = arms.map(({ dash, width, opacity }) => JSON.stringify(dash ?? [width, opacity]));
  assertEquals(new Set(forms).size, arms.length);
  assertEquals(new Set(lines).size, arms.length);
  assertEquals(new Set(arms.map(({ colour }) => colour.light)).size, arms.length);
});
