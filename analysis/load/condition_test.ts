import { assertEquals } from "@std/assert";
import { conditionsOf, withPlaces } from "./condition.ts";

function trial(id: string, settings: Record<string, string | number>) {
  return { id, identity: "", settings, status: "done" as const, records: "" };
}

Deno.test("conditionsOf() names the factors a run varies besides workload, arm and seed", () => {
  const conditions = conditionsOf([
    trial("a", { workload: "w", arm: "off", seed: 1, guests: 2, mmu: "npt" }),
    trial("b", { workload: "w", arm: "off", seed: 2, guests: 4, mmu: "npt" }),
  ]);
  assertEquals([...conditions.values()], ["guests=2", "guests=4"]);
});

Deno.test("conditionsOf() leaves out what follows from the arm or the workload", () => {
  const conditions = conditionsOf([
    trial("a", { workload: "w", arm: "stock", seed: 1, kernel: "plain", memory: 64 }),
    trial("b", { workload: "w", arm: "on", seed: 1, kernel: "patched", memory: 64 }),
    trial("c", { workload: "v", arm: "on", seed: 1, kernel: "patched", memory: 96 }),
  ]);
  assertEquals([...conditions.values()], ["", "", ""]);
});

Deno.test("withPlaces() goes by workload, and in conditions by the size of numbers", () => {
  const row = (workload: string, condition: string) => ({ workload, condition });
  const placed = withPlaces({
    a: [row("w", "guests=16, mmu=npt"), row("w", "guests=2, mmu=npt"), row("v", "")],
    b: [row("w", "guests=2, mmu=shadow"), row("w", "guests=16, mmu=npt")],
  });
  assertEquals(placed.a!.map(({ place }) => place), [3, 1, 0]);
  assertEquals(placed.b!.map(({ place }) => place), [2, 3]);
});
