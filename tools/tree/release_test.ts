// SPDX-License-Identifier: Apache-2.0
/** What says which version this is, and who made it, says the same. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parse } from "yaml";
import config from "../../deno.json" with { type: "json" };
import { textOf } from "./tree.ts";

Deno.test("CITATION.cff has what the Citation File Format 1.2.0 asks for, and this version", async () => {
  const citation = parse(await textOf("CITATION.cff"));
  assertEquals([citation["cff-version"], citation.type], ["1.2.0", "software"]);
  for (const key of ["message", "title", "abstract"]) assertMatch(citation[key], /\S/);
  assertEquals(citation.authors, [{ name: "Samepage Lab contributors" }]);
  assertEquals(citation.version, config.version);
  assert(citation.license.includes(config.license));
});

Deno.test("CHANGELOG.md begins with this version, and its versions fall", async () => {
  const headings = [...(await textOf("CHANGELOG.md")).matchAll(/^## (.*)$/gm)].map(([, text]) =>
    text!
  );
  const released = /^\[(\d+)\.(\d+)\.(\d+)\] - (unreleased|\d{4}-\d\d-\d\d)$/;
  for (const heading of headings) assertMatch(heading, released);
  const versions = headings.map((heading) => released.exec(heading)!.slice(1, 4).map(Number));
  assertEquals(versions[0]!.join("."), config.version);
  const falling = versions.toSorted(([a, b, c], [x, y, z]) => x! - a! || y! - b! || z! - c!);
  assertEquals(versions, falling);
});

Deno.test("every page says nothing of a version but the changelog", async () => {
  for (const page of ["README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md"]) {
    assertEquals((await textOf(page)).includes(config.version), false, page);
  }
});
