// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertThrows } from "@std/assert";
import { inlineScript, oneScript, readAssets } from "./assets.ts";

Deno.test("oneScript() joins modules and refuses names that two of them declare", () => {
  const script = oneScript([
    "export const a = 1;\n",
    'import { a } from "./a.ts";\nimport {\n  type B,\n} from "./b.ts";\nglobalThis.sum = a + 1;\n',
  ]);
  assert(!/\b(import|export)\b/.test(script), script);
  const scope = globalThis as { sum?: number };
  (0, eval)(script);
  assertEquals(scope.sum, 2);
  delete scope.sum;
  assertThrows(() => oneScript(["export function f() {}", "async function f() {}"]), Error, '"f"');
});

Deno.test("inlineScript() leaves nothing in a script that would end its element", () => {
  const source = 'x = "</script><!--";';
  const inlined = inlineScript(source);
  assert(!inlined.includes("</script") && !inlined.includes("<!--"));
  assertEquals((0, eval)(inlined), (0, eval)(source));
});

Deno.test("readAssets() brings the script without types and the notices of the libraries", async () => {
  const { libraries, script, notices } = await readAssets();
  assertEquals(libraries.length, 3);
  // It would not parse with types in it.
  new Function(script);
  assert(notices.includes("Redistribution and use in source and binary forms"));
});
