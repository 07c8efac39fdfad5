// SPDX-License-Identifier: Apache-2.0
import { mean } from "simple-statistics";

/** A value at one level of each factor. */
export interface Cell {
  /** Level by factor. */
  levels: Readonly<Record<string, string>>;
  value: number;
}

/** What the cells at one level of a factor have in common. */
export interface Level {
  level: string;
  /** Over all cells at this level, whatever the other factors. */
  mean: number;
  least: number;
  most: number;
}

/** What a factor does to the value, on average over all others. */
export interface MainEffect {
  factor: string;
  /** In the order in which they first occur. */
  levels: Level[];
  /** From the lowest mean of a level to the highest. */
  size: number;
  /** Its sum of squares over that of all: how much of the variation between cells it accounts for. */
  share: number;
}

/** By how much the effect of one factor depends on the level of another. */
export interface Interaction {
  factors: [string, string];
  /** The largest difference of two differences, on average over all other factors. */
  size: number;
  /** Of the variation between cells, beyond the two main effects. */
  share: number;
}

/** A table whose cells are all combinations of the levels of its factors, once each. */
export interface Factorial {
  mean: number;
  /** The largest first. */
  main: MainEffect[];
  /** Of each two factors; the largest first. */
  interactions: Interaction[];
  /** Share of the variation that is left: what takes three factors or more. 0 without variation. */
  rest: number;
}

/**
 * Main effects and two-factor interactions of a complete factorial table, by the decomposition of its
 * sum of squares into orthogonal parts: Fisher, "The Design of Experiments" (1935), chapter VI; Box,
 * Hunter and Hunter, "Statistics for Experimenters" (2005), chapter 5. It describes the cells that are
 * there and tests nothing.
 *
 * @returns null if a combination of levels is missing or there twice, as then the parts overlap
 */
export function factorial(cells: readonly Cell[], factors: readonly string[]): Factorial | null {
  if (cells.length === 0 || factors.length === 0 || !isComplete(cells, factors)) return null;
  const values = cells.map(({ value }) => value);
  const centre = mean(values);
  const total = sumOf(values.map((value) => (value - centre) ** 2));
  const shareOf = (squares: number) => total === 0 ? 0 : squares / total;
  const main = factors.map((factor) => mainEffect(cells, factor, centre, shareOf));
  const interactions = factors.flatMap((one, at) =>
    factors.slice(at + 1).map((other) => interaction(cells, [one, other], main, centre, shareOf))
  );
  const explained = sumOf([...main, ...interactions].map(({ share }) => share));
  return {
    mean: centre,
    main: main.sort((a, b) => b.size - a.size),
    interactions: interactions.sort((a, b) => b.size - a.size),
    rest: total === 0 ? 0 : Math.max(0, 1 - explained),
  };
}

function isComplete(cells: readonly Cell[], factors: readonly string[]): boolean {
  const combinations = new Set(
    cells.map(({ levels }) => JSON.stringify(factors.map((f) => levels[f]))),
  );
  const all = factors.reduce((product, factor) => product * levelsOf(cells, factor).length, 1);
  return combinations.size === cells.length && cells.length === all &&
    cells.every(({ levels }) => factors.every((factor) => levels[factor] !== undefined));
}

function levelsOf(cells: readonly Cell[], factor: string): string[] {
  return [...new Set(cells.map(({ levels }) => levels[factor]!))];
}

function valuesAt(cells: readonly Cell[], at: Readonly<Record<string, string>>): number[] {
  return cells.filter(({ levels }) =>
    Object.entries(at).every(([name, level]) => levels[name] === level)
  )
    .map(({ value }) => value);
}

function mainEffect(
  cells: readonly Cell[],
  factor: string,
  centre: number,
  shareOf: (squares: number) => number,
): MainEffect {
  const levels = levelsOf(cells, factor).map((level): Level => {
    const values = valuesAt(cells, { [factor]: level });
    return { level, mean: mean(values), least: Math.min(...values), most: Math.max(...values) };
  });
  const means = levels.map((level) => level.mean);
  const squares = sumOf(means.map((each) => (each - centre) ** 2)) * cells.length / levels.length;
  return { factor, levels, size: Math.max(...means) - Math.min(...means), share: shareOf(squares) };
}

function interaction(
  cells: readonly Cell[],
  factors: [string, string],
  main: readonly MainEffect[],
  centre: number,
  shareOf: (squares: number) => number,
): Interaction {
  const [one, other] = factors.map((name) => main.find(({ factor }) => factor === name)!);
  /* What is left of the mean at two levels once those of each alone are taken off. */
  const left = one!.levels.map((row) =>
    other!.levels.map((column) => {
      const at = { [one!.factor]: row.level, [other!.factor]: column.level };
      return mean(valuesAt(cells, at)) - row.mean - column.mean + centre;
    })
  );
  const combinations = one!.levels.length * other!.levels.length;
  const squares = sumOf(left.flat().map((each) => each ** 2)) * cells.length / combinations;
  const sizes = left.flatMap((row, at) =>
    left.slice(at + 1).map((below) => {
      const differences = row.map((each, column) => each - below[column]!);
      return Math.max(...differences) - Math.min(...differences);
    })
  );
  return { factors, size: Math.max(0, ...sizes), share: shareOf(squares) };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
