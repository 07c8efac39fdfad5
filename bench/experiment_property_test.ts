// SPDX-License-Identifier: Apache-2.0
/** Whatever an experiment's file or a command line holds, it is read or refused in words. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import { numRuns, seed, takenOrRefused } from "../base/testdata/fuzz.ts";
import { phaseNames } from "../contract/phases.ts";
import { type Level, objectionTo, type Setting } from "../contract/setting.ts";
import { settingDeclarations, settingNames } from "../contract/settings.ts";
import { checkExperiment, mostTrials, trialCount } from "./experiment.ts";
import { objectionsToFactors, objectionsToForm } from "./experiment_form.ts";
import { parseOverrides } from "./overrides.ts";
import { schemaText } from "./schema.ts";

/** Levels that a setting has. */
function goodLevel(setting: Setting): fc.Arbitrary<Level> {
  switch (setting.kind) {
    case "whole":
      return fc.integer({ min: setting.minimum, max: setting.maximum });
    case "name":
      return fc.constantFrom("kernels", "libraries", "process");
    default:
      return fc.constantFrom<Level>(...setting.levels);
  }
}

/** Levels that a setting has or has not, some close by. */
function anyLevel(setting: Setting): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: goodLevel(setting), weight: 6 },
    fc.integer(),
    goodLevel(setting).map(String),
    fc.boolean(),
    fc.jsonValue({ maxDepth: 2 }),
  );
}

function someOf(level: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(level, fc.array(level, { maxLength: 4 }));
}

const anyFactors = fc.tuple(
  fc.record(
    Object.fromEntries(
      Object.entries(settingDeclarations).map(([name, one]) => [name, someOf(anyLevel(one))]),
    ),
    { requiredKeys: [] },
  ),
  fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom("gusts", "__proto__", "toString")),
    fc.integer(),
    {
      maxKeys: 1,
    },
  ),
  fc.option(fc.record({ "workload.copy_every": someOf(fc.integer()) }), { nil: {} }),
).map((parts) => Object.assign({}, ...parts) as Record<string, unknown>);

const anyExperiment = fc.record({
  $schema: fc.constant("./experiment.schema.json"),
  title: fc.oneof({ arbitrary: fc.constant("t"), weight: 9 }, fc.jsonValue()),
  question: fc.oneof({ arbitrary: fc.constant("q?"), weight: 9 }, fc.jsonValue()),
  factors: fc.oneof({ arbitrary: anyFactors, weight: 9 }, fc.jsonValue()),
  phases: fc.oneof(
    fc.subarray([...phaseNames]),
    fc.array(fc.constantFrom(...phaseNames)),
    fc.jsonValue(),
  ),
  sedes: fc.jsonValue(),
}, { requiredKeys: ["title", "question", "factors"] });

/** Levels that factors have, of the workload and these. */
function goodFactors(names: readonly string[]): fc.Arbitrary<Record<string, Level[]>> {
  const chosen = Object.entries(settingDeclarations)
    .filter(([name]) => name === "workload" || names.includes(name))
    .map(([name, one]) =>
      [name, fc.uniqueArray(goodLevel(one), { minLength: 1, maxLength: 3 })] as const
    );
  return fc.record(Object.fromEntries(chosen));
}

/** Experiments with any factors, and with few, of which most can be carried out. */
const goodExperiment = fc.record({
  title: fc.constant("t"),
  question: fc.constant("q?"),
  factors: fc.oneof(
    ...[3, settingNames.length].map((maxLength) =>
      fc.subarray(settingNames, { maxLength })
        .chain(goodFactors)
    ),
  ),
});

Deno.test("checkExperiment() reads any JSON or refuses it in words", async () => {
  const content = fc.oneof({ arbitrary: anyExperiment, weight: 9 }, fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(
      content,
      async (one) => void await takenOrRefused(() => checkExperiment("x", one)),
    ),
    { seed, numRuns },
  );
});

Deno.test("checkExperiment() refuses a phase that cannot even be made a text", async () => {
  const content = { title: "t", question: "q?", factors: {}, phases: [{ toString: "" }] };
  const refused = await takenOrRefused(() => checkExperiment("x", content));
  assert(refused?.message.includes('{"toString":""} is not one of'), refused?.message);
});

Deno.test("checkExperiment() refuses no good level by itself, and never more trials than it says", async () => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(goodExperiment, async (content) => {
      assertEquals(objectionsToForm(content), []);
      assertEquals(objectionsToFactors(content.factors), []);
      const refused = await takenOrRefused(async () => {
        const { factors } = await checkExperiment("x", content);
        assert(trialCount(factors) <= mostTrials);
      });
      if (refused === undefined) read++;
      else if (trialCount(content.factors as never) > mostTrials) {
        assert(/ are [\d,]+ trials, more than 100,000$/.test(refused.message), refused.message);
      }
    }),
    { seed, numRuns },
  );
  assert(read > 0, "all were refused");
});

Deno.test("the schema refuses an experiment's form exactly where the lab does", () => {
  const schema = z.fromJSONSchema(JSON.parse(schemaText()));
  const outcomes = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof(anyExperiment, goodExperiment), (content) => {
      const objections = objectionsToForm(content);
      const { factors } = content;
      if (typeof factors === "object" && factors !== null && !Array.isArray(factors)) {
        objections.push(...objectionsToFactors(factors as Record<string, unknown>));
      }
      assertEquals(
        schema.safeParse(content).success,
        objections.length === 0,
        objections.join("\n"),
      );
      outcomes[objections.length === 0 ? "taken" : "refused"]++;
    }),
    { seed, numRuns },
  );
  assert(outcomes.taken > 100 && outcomes.refused > 100, JSON.stringify(outcomes));
});

Deno.test("parseOverrides() reads any text or refuses it in words", async () => {
  const setting = fc.tuple(
    fc.oneof(fc.constantFrom(...settingNames), fc.constant("workload.pipes"), fc.string()),
    fc.array(fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom("on", "off", "6.1"))),
  ).map(([name, levels]) => `${name}=${levels.join(",")}`);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.string(), setting), { maxLength: 3 }),
      async (given) => void await takenOrRefused(() => parseOverrides(given)),
    ),
    { seed, numRuns },
  );
});

Deno.test("parseOverrides() reads every level as it is written", () => {
  const one = fc.constantFrom(...Object.entries(settingDeclarations)).chain(([name, setting]) =>
    goodLevel(setting).map((level) => ({ name, setting, level }))
  );
  fc.assert(
    fc.property(one, ({ name, setting, level }) => {
      assertEquals(objectionTo(setting, level), undefined);
      assertEquals(parseOverrides([`${name}=${level}`]), { [name]: [level] });
    }),
    { seed, numRuns },
  );
});
