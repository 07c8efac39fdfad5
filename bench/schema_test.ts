import { assertEquals, assertStringIncludes } from "@std/assert";
import { schemaText } from "./schema.ts";

Deno.test("experiments/experiment.schema.json is what the code accepts", async () => {
  const path = `${import.meta.dirname}/../experiments/experiment.schema.json`;
  /* To renew it: deno run bench/schema.ts > experiments/experiment.schema.json */
  assertEquals(await Deno.readTextFile(path), schemaText());
});

Deno.test("schemaText() has the ranges of the settings", () => {
  assertStringIncludes(schemaText(), '"maximum": 64');
});
