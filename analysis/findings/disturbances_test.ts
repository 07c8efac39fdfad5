// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { madeUpEntry, madeUpRun } from "../../contract/testdata/run_file.ts";
import { disturbancesFinding } from "./disturbances.ts";

const run = madeUpRun({
  mode: "hardware",
  trials: ["a", "b", "c"].map((id) => madeUpEntry(id, { workload: "w", arm: "on", seed: 1 })),
});
const quiet = { throttled: 0, stolen_ms: 0, merged_elsewhere: 0 };

Deno.test("disturbancesFinding() names each disturbed trial, and those of which nothing is known", () => {
  const disturbances = [{ trial: "a", ...quiet }, {
    ...{ trial: "b", throttled: null, stolen_ms: 30, merged_elsewhere: null },
  }];
  const { sentences, caveats } = disturbancesFinding({ run, answers: { disturbances } })!;
  assertEquals(sentences, [
    "1 trial of 2 were disturbed, and are part of all numbers here. Let the host cool, give it CPUs of " +
    "its own and no other guests, and repeat.",
    "b: 30 ms of its CPUs' time were stolen by another machine.",
    "Of 1 trial it is not known.",
  ]);
  assertEquals(caveats.length, 2);
});

Deno.test("disturbancesFinding() says it where nothing was, and is silent of an exact run", () => {
  const disturbances = ["a", "b", "c"].map((trial) => ({ trial, ...quiet }));
  assertEquals(disturbancesFinding({ run, answers: { disturbances } })?.sentences, [
    "Nothing that the host counts: 3 trials looked at before and behind.",
  ]);
  assertEquals(disturbancesFinding({ run: madeUpRun(), answers: {} }), null);
});
