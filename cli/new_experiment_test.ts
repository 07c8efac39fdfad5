// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { parse } from "@std/jsonc";
import { LabError } from "../base/errors.ts";
import { checkExperiment, readExperiment } from "../bench/experiment.ts";
import { settingNames } from "../contract/settings.ts";
import { workloadNames } from "../workloads/workload.ts";
import { newExperiment, template } from "./new_experiment.ts";

Deno.test("a new experiment is one that runs, and so are all the factors in its comments", async () => {
  const text = template("mine", await workloadNames());
  const made = await checkExperiment("mine", parse(text));
  assertEquals(made.factors.arm, ["off", "on"]);
  const open = text.replaceAll(/^( *)\/\/ ("\w+": )/gm, "$1$2");
  const all = parse(open) as { factors: Record<string, unknown> };
  assertEquals(Object.keys(all.factors).sort(), [...settingNames].sort());
  await checkExperiment("mine", all);
});

Deno.test("an experiment with comments is read by its path, and no name is taken twice", async () => {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "mine.jsonc");
  await Deno.writeTextFile(path, template("mine", await workloadNames()));
  assertEquals((await readExperiment(path)).name, "mine");
  await Deno.remove(dir, { recursive: true });
  await assertRejects(() => newExperiment({ name: "smoke" }), LabError, "there is one");
  await assertRejects(() => newExperiment({ name: "../x" }), LabError, "that is no name");
});
