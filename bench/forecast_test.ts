// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { madeUpEntry, madeUpRun } from "../contract/testdata/run_file.ts";
import { writeRunFile } from "../contract/run_file.ts";
import { defaultSettings, type Settings } from "../contract/settings.ts";
import { earlierTrials, expected_s, forecast } from "./forecast.ts";

const settings = { ...defaultSettings, workload: "kernels", guests: 4 } as Settings;

Deno.test("expected_s() goes by the trials that are most alike, and by the guests", () => {
  const earlier = [
    { settings: { ...settings, arm: "on" }, wall_s: 8 },
    { settings: { ...settings, seed: 9 }, wall_s: 12 },
    { settings: { ...settings, workload: "libraries" }, wall_s: 100 },
  ];
  assertEquals(expected_s(settings, earlier), 10);
  assertEquals(expected_s({ ...settings, guests: 8 }, earlier), 20);
  assertEquals(expected_s({ ...settings, guests: 8 }, []), 20);
});

Deno.test("forecast() leaves out what is cached and shares the rest among the slots", () => {
  const four = [settings, settings, settings, settings];
  assertEquals(forecast(four, null, 2, []), {
    ...{ trials: 4, cached: null, trials_s: 20, disk_mib: 8 },
  });
  assertEquals(forecast(four, [true, true, true, false], 2, []), {
    ...{ trials: 4, cached: 3, trials_s: 10, disk_mib: 8 },
  });
  assertEquals(forecast(four, [true, true, true, true], 2, []).trials_s, 0);
});

Deno.test("earlierTrials() reads what was measured, not what was reused, and passes over damage", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const entry = (id: string) => madeUpEntry(id, { workload: "kernels", guests: 4 });
    const trials = [
      { ...entry("a"), wall_s: 5 },
      { ...entry("b"), wall_s: 7, reused_from: "r" },
      entry("c"),
    ];
    await Deno.mkdir(join(dir, "one"));
    await Deno.mkdir(join(dir, "two"));
    await writeRunFile(join(dir, "one/run.json"), madeUpRun({ trials }));
    await Deno.writeTextFile(join(dir, "two/run.json"), "{");
    assertEquals(await earlierTrials(dir), [
      { settings: { workload: "kernels", guests: 4 }, wall_s: 5 },
    ]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
