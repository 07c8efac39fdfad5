// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { counted, listed, percent, significant } from "./numbers.ts";

Deno.test("percent() never rounds a part to all or to nothing", () => {
  const shares = [1, 0.99999, 0.9914, 0, 0.00001, -0.031];
  const shown = shares.map((share) => percent(share).replace("\u00a0", " "));
  assertEquals(shown, ["100 %", "99.9 %", "99.1 %", "0 %", "0.1 %", "\u22123.1 %"]);
});

Deno.test("significant() keeps three digits and no needless zeros", () => {
  assertEquals(
    [0, 0.02448, 2.305, 12, 99.96, 1240.4].map(significant),
    ["0", "0.0245", "2.31", "12", "100", "1,240"],
  );
});

Deno.test("counted() and listed() speak English", () => {
  assertEquals([counted(1, "seed"), counted(3, "seed")], ["1 seed", "3 seeds"]);
  assertEquals([listed([]), listed(["a"]), listed(["a", "b", "c"])], ["", "a", "a, b and c"]);
});
