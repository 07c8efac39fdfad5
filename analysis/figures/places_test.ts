// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { withArms, withPlaces } from "./places.ts";

Deno.test("withPlaces() goes by workload, and in conditions by the size of numbers", () => {
  const row = (workload: string, condition: string) => ({ workload, condition });
  const placed = withPlaces({
    a: [row("w", "guests=16, mmu=npt"), row("w", "guests=2, mmu=npt"), row("v", "")],
    b: [row("w", "guests=2, mmu=shadow"), row("w", "guests=16, mmu=npt")],
  });
  assertEquals(placed.a!.map(({ place }) => place), [3, 1, 0]);
  assertEquals(placed.b!.map(({ place }) => place), [2, 3]);
});

const chart = {
  layer: [{
    encoding: { color: { field: "arm", scale: { domain: ["a", "b", "c"], range: [1, 2, 3] } } },
  }],
};

Deno.test("withArms() leaves an arm its look and takes away those that no row has", () => {
  const { layer: [{ encoding: { color } }] } = withArms(chart, [
    { arm: "c" },
    { arm: "b" },
    {},
  ]) as {
    layer: [typeof chart.layer[number]];
  };
  assertEquals(color.scale, { domain: ["b", "c"], range: [2, 3] });
});

Deno.test("withArms() draws no arm of which nobody said how it looks", () => {
  assertThrows(() => withArms(chart, [{ arm: "d" }]), Error, 'The arm "d"');
});
