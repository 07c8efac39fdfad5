/** The form of experiment files as a JSON Schema, for editors and for people. */
import { z } from "zod";
import { experimentSchema } from "./experiment.ts";

/** The text of `experiments/experiment.schema.json`. */
export function schemaText(): string {
  const schema = z.toJSONSchema(experimentSchema, { io: "input" });
  const titled = {
    ...schema,
    title: "An experiment of Samepage Lab",
    description: "All levels of all factors are crossed. Parameters of a workload are factors " +
      "with the name workload.PARAMETER.",
  };
  return JSON.stringify(titled, null, 2) + "\n";
}

if (import.meta.main) console.log(schemaText().trimEnd());
