// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { type Cell, factorial } from "./factorial.ts";

function near(actual: number | undefined, expected: number) {
  assert(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);
}

/** All combinations of two levels of three factors. */
function cube(value: (a: number, b: number, c: number) => number): Cell[] {
  return [0, 1].flatMap((a) =>
    [0, 1].flatMap((b) =>
      [0, 1].map((c) => ({ levels: { a: `${a}`, b: `${b}`, c: `${c}` }, value: value(a, b, c) }))
    )
  );
}

Deno.test("factorial() finds main effects where factors add up, and no interaction", () => {
  const found = factorial(cube((a, b) => 10 + 6 * a + 2 * b), ["a", "b", "c"])!;
  near(found.mean, 14);
  assertEquals(found.main.map(({ factor }) => factor), ["a", "b", "c"]);
  assertEquals(found.main.map(({ size }) => size), [6, 2, 0]);
  // Sums of squares: 8 * 3^2 and 8 * 1^2 of 80.
  found.main.forEach(({ share }, at) => near(share, [0.9, 0.1, 0][at]!));
  assertEquals(found.interactions.map(({ size }) => size), [0, 0, 0]);
  near(found.rest, 0);
  assertEquals(found.main[0]?.levels[1], { level: "1", mean: 17, least: 16, most: 18 });
});

Deno.test("factorial() tells an interaction of two factors from their main effects", () => {
  // b adds 8 where a is 1 and nothing where it is 0: half of it, 4, is b's own.
  const found = factorial(cube((a, b) => 8 * a * b), ["a", "b", "c"])!;
  assertEquals(found.main.map(({ size }) => size), [4, 4, 0]);
  const [largest, ...others] = found.interactions;
  assertEquals([largest?.factors, largest?.size], [["a", "b"], 8]);
  assertEquals(others.map(({ size }) => size), [0, 0]);
  // Each of a, b and ab has 8 * 2^2 of 96.
  for (const { share } of [...found.main.slice(0, 2), largest!]) near(share, 1 / 3);
});

Deno.test("factorial() leaves what takes three factors to the rest", () => {
  const found = factorial(cube((a, b, c) => (a + b + c) % 2), ["a", "b", "c"])!;
  assertEquals(found.main.map(({ size }) => size), [0, 0, 0]);
  assertEquals(found.interactions.map(({ size }) => size), [0, 0, 0]);
  near(found.rest, 1);
});

Deno.test("factorial() takes factors of three levels, by the largest difference of differences", () => {
  const table = [[1, 2, 3], [1, 2, 9]];
  const cells = table.flatMap((row, a) =>
    row.map((value, b) => ({ levels: { a: `${a}`, b: `${b}` }, value }))
  );
  const found = factorial(cells, ["a", "b"])!;
  assertEquals(found.interactions.map(({ size }) => size), [6]);
  const b = found.main.find(({ factor }) => factor === "b");
  assertEquals(b?.levels.map((level) => level.mean), [1, 2, 6]);
  // Means 2 and 4 around 3: 6 of 46; means 1, 2, 6 around 3: 2 * (4 + 1 + 9) = 28; the rest 12.
  near(b?.share, 28 / 46);
  near(found.main.find(({ factor }) => factor === "a")?.share, 6 / 46);
  near(found.interactions[0]?.share, 12 / 46);
});

Deno.test("factorial() says nothing of a table with a hole, or with a cell twice", () => {
  const cells = cube((a) => a);
  assertEquals(factorial(cells.slice(1), ["a", "b", "c"]), null);
  assertEquals(factorial(cells, ["a", "b"]), null);
  assertEquals(factorial([], ["a"]), null);
});

Deno.test("factorial() has no shares where nothing varies", () => {
  const found = factorial(cube(() => 3), ["a", "b", "c"])!;
  assertEquals([found.mean, found.rest, ...found.main.map(({ share }) => share)], [3, 0, 0, 0, 0]);
});
