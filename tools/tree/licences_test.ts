// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { files, shellScripts, textOf } from "./tree.ts";

/** The rows of the table in LICENSES/README.md: a path as a pattern, and its licence. */
async function rules(): Promise<{ path: RegExp; licence: string }[]> {
  const rows = (await textOf("LICENSES/README.md")).matchAll(/^\| `([^`]+)` +\| ([\w.-]+) +\|/gm);
  return [...rows].map(([, path, licence]) => ({
    path: new RegExp(`^${path!.replaceAll(".", "\\.").replaceAll("*", "[^/]+")}`),
    licence: licence!,
  }));
}

const byPath = await rules();

/** The first rule that fits; the table says of all else that it is Apache-2.0. */
function licenceOf(file: string): string {
  return byPath.find(({ path }) => path.test(file))?.licence ?? "Apache-2.0";
}

/** What is code has a line of its own, as code gets copied without its folder. */
async function filesWithLine(): Promise<string[]> {
  const code = files.filter((path) => /\.(ts|c|h)$|(^|\/)Makefile$/.test(path));
  return [...code, ...await shellScripts()].sort();
}

Deno.test("each file of code says what licence it is under, as LICENSES/README.md says it", async () => {
  const wrong: string[] = [];
  for (const path of await filesWithLine()) {
    const head = (await textOf(path)).split("\n", 2).join("\n");
    const said = /^(?:\/\/|\/\*|#) SPDX-License-Identifier: ([\w.-]+)(?: \*\/)?$/m.exec(head)?.[1];
    if (said !== licenceOf(path)) {
      wrong.push(`${path}: ${said ?? "no line"}, not ${licenceOf(path)}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("each rule of LICENSES/README.md is about files that are there", () => {
  assert(byPath.length > 0);
  for (const { path } of byPath) assert(files.some((file) => path.test(file)), `${path}`);
});

Deno.test("the text of each licence is there", async () => {
  assert((await textOf("LICENSE")).includes("Apache License"));
  assert((await textOf("LICENSES/GPL-2.0.txt")).includes("GNU GENERAL PUBLIC LICENSE"));
  assert((await textOf("LICENSES/LGPL-2.1.txt")).includes("GNU LESSER GENERAL PUBLIC LICENSE"));
  for (const { licence } of byPath) {
    assert(/^(Apache-2\.0|GPL-2\.0-|LGPL-2\.1-)/.test(licence), licence);
  }
});
