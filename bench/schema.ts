// SPDX-License-Identifier: Apache-2.0
/** The form of experiment files as a JSON Schema, for editors and for people. */
import { z } from "zod";
import type { Setting } from "../contract/setting.ts";
import { parameterPattern, settingDeclarations } from "../contract/settings.ts";
import { experimentForm } from "./experiment_form.ts";

/** Names the form wherever a copy of it lies. */
const schemaId = "urn:samepage-lab:experiment";

type Schema = Record<string, unknown>;

/**
 * The text of `experiments/experiment.schema.json`. It refuses what the lab refuses, but for what no
 * schema says: the order of phases, levels that exclude each other, and what each workload takes.
 */
export function schemaText(): string {
  const { $schema, properties, ...form } = z.toJSONSchema(experimentForm, { io: "input" });
  const titled = {
    $schema,
    $id: schemaId,
    title: "An experiment of Samepage Lab",
    description: "All levels of all factors are crossed.",
    ...form,
    properties: {
      ...properties,
      factors: factorsSchema(),
      phases: {
        description: "In this order, the first and the last among them",
        ...properties?.phases as Schema,
      },
    },
  };
  return JSON.stringify(titled, null, 2) + "\n";
}

function factorsSchema(): Schema {
  return {
    type: "object",
    required: ["workload"],
    properties: Object.fromEntries(
      Object.entries(settingDeclarations).map(([name, setting]) => [name, factorSchema(setting)]),
    ),
    patternProperties: {
      [parameterPattern.source]: {
        description: "A parameter of the workload: see its workload.ts",
        ...oneOrSeveral({ type: "integer" }),
      },
    },
    additionalProperties: false,
  };
}

function factorSchema(setting: Setting): Schema {
  const { description, unit } = setting;
  return {
    description: unit === undefined ? description : `${description} (${unit})`,
    ...("default" in setting ? { default: setting.default } : {}),
    ...oneOrSeveral(levelSchema(setting)),
  };
}

function levelSchema(setting: Setting): Schema {
  switch (setting.kind) {
    case "whole":
      return { type: "integer", minimum: setting.minimum, maximum: setting.maximum };
    case "name":
      return { type: "string", minLength: 1 };
    default:
      return { enum: setting.levels };
  }
}

function oneOrSeveral(level: Schema): Schema {
  return { anyOf: [level, { type: "array", minItems: 1, uniqueItems: true, items: level }] };
}

if (import.meta.main) console.log(schemaText().trimEnd());
