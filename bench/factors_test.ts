// SPDX-License-Identifier: Apache-2.0
/** A factor stands in one place: here all that is made from its declaration is held against it. */
import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { readSchema } from "../analysis/tables/schema.ts";
import { settingCells } from "../contract/setting_columns.ts";
import { defaultSettings, settingNames, settingOf, type Settings } from "../contract/settings.ts";
import { factorsPage } from "../contract/settings_table.ts";
import { checkExperiment } from "./experiment.ts";
import { wholePlan } from "../contract/plan.ts";
import { plan } from "./plan.ts";
import { schemaText } from "./schema.ts";

const root = new URL("../", import.meta.url);

Deno.test("experiments/experiment.schema.json and docs/FACTORS.md are made from the settings", async () => {
  /* To renew them: deno run bench/schema.ts > experiments/experiment.schema.json
   *            and deno run contract/settings_table.ts > docs/FACTORS.md */
  const read = (path: string) => Deno.readTextFile(new URL(path, root));
  assertEquals(await read("experiments/experiment.schema.json"), schemaText());
  assertEquals(await read("docs/FACTORS.md"), factorsPage());
});

Deno.test("schema, docs, table, defaults and plan have the same factors in the same order", async () => {
  const { properties } = JSON.parse(schemaText()).properties.factors;
  const documented = [...factorsPage().matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  const trials = (await readSchema()).columns.filter(({ table }) => table === "trials");
  const columns = trials.map(({ name }) => name).filter((name) => settingOf(name) !== undefined);
  assertEquals(Object.keys(properties), settingNames);
  assertEquals(documented, settingNames);
  assertEquals(columns, settingNames);
  assertEquals(["workload", ...Object.keys(defaultSettings)], settingNames);

  const experiment = { title: "t", question: "q", factors: { workload: "kernels" } };
  const [trial] = plan(await checkExperiment("x", experiment), () => ({}));
  const keys = wholePlan(trial!.settings, trial!.phases, []).split("\n").map((line) =>
    line.split(" ")[0]!
  );
  for (const name of settingNames.filter((name) => settingOf(name)!.young !== true)) {
    assert(keys.includes(name), `no ${name} in the plan`);
  }
});

Deno.test("the schema has each factor's default", () => {
  const { properties } = JSON.parse(schemaText()).properties.factors;
  for (const [name, value] of Object.entries(defaultSettings)) {
    assertEquals(properties[name].default, value);
  }
});

Deno.test("columns for settings take the levels as they are", async () => {
  const settings: Settings = { ...defaultSettings, workload: "kernels" };
  const cells = settingCells(settings);
  const trials = (await readSchema()).columns.filter(({ table }) => table === "trials");
  const types = new Map(trials.map(({ name, type }) => [name, type]));
  for (const name of settingNames) {
    assertEquals(cells[name], settings[name]);
    assertEquals(types.get(name), typeof settings[name] === "number" ? "BIGINT" : "VARCHAR", name);
  }
  assertEquals(settingCells({}).guests, null);
});

Deno.test("the schema takes every experiment that comes with the lab", async () => {
  const schema = z.fromJSONSchema(JSON.parse(schemaText()));
  for await (const { name } of Deno.readDir(new URL("experiments/", root))) {
    if (!name.endsWith(".json") || name.endsWith(".schema.json")) continue;
    const content = JSON.parse(await Deno.readTextFile(new URL(`experiments/${name}`, root)));
    assertEquals(content.$schema, "./experiment.schema.json", name);
    assert(schema.safeParse(content).success, name);
  }
});
