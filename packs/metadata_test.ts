// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import context from "ro-crate/lib/context.json" with { type: "json" };
import { parse } from "yaml";
import type { RunFile } from "../contract/run_file.ts";
import { sha256 } from "../base/digest.ts";
import { citationOf } from "./citation.ts";
import { crateOf } from "./crate.ts";
import { writeInto } from "./files.ts";

const record = {
  run: "smoke-20260101-000000",
  experiment: { name: "smoke", title: 'A "title": with signs', question: "Does it?" },
  started: "2026-01-01T00:00:00.000Z",
  finished: "2026-01-01T00:05:00.000Z",
  git: { revision: "0123456789abcdef", clean: false },
  digest: sha256("run"),
} as unknown as RunFile;

const files = ["run.json", "trials/a b.jsonl", "binaries/guest-kernel/vmlinux", "sources/lab/x.ts"];

interface Entity {
  "@id": string;
  "@type": string | string[];
  [property: string]: unknown;
}

async function crate(): Promise<{ "@context": unknown; "@graph": Entity[] }> {
  const dir = await Deno.makeTempDir();
  try {
    for (const file of files) await writeInto(join(dir, file), file);
    const text = await crateOf(record, dir);
    assertEquals(text, await crateOf(record, dir), "not the same bytes twice");
    return JSON.parse(text);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

interface Finding {
  status: string;
  id: string;
  message: string;
}

interface Library {
  ROCrate: new (json: unknown) => { resolveContext(): Promise<void> };
  validate(json: unknown): Promise<Finding[]>;
}

/** The validator fetches the context that a crate names; here it gets the copy that comes with it. */
async function validate(json: unknown): Promise<Finding[]> {
  const text = JSON.stringify({ ...context, name: "RO-Crate JSON-LD Context" });
  const before = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(new Response(text));
  try {
    const { default: library } = await import("ro-crate") as unknown as { default: Library };
    await new library.ROCrate(structuredClone(json)).resolveContext();
    return await library.validate(structuredClone(json));
  } finally {
    globalThis.fetch = before;
  }
}

Deno.test("crateOf() describes every file and folder, in a flat graph without loose ends", async () => {
  const { "@context": context, "@graph": graph } = await crate();
  assertEquals(context, [
    "https://w3id.org/ro/crate/1.1/context",
    { sha256: "https://schema.org/sha256" },
  ]);
  const byId = new Map(graph.map((entity) => [entity["@id"], entity]));
  assertEquals(byId.size, graph.length, "an @id stands twice");
  const root = byId.get("./")!;
  assertEquals(root.hasPart, [
    ...[{ "@id": "sources/" }, { "@id": "binaries/guest-kernel/vmlinux" }],
    ...[{ "@id": "run.json" }, { "@id": "trials/a%20b.jsonl" }],
  ]);
  assertEquals(root.datePublished, "2026-01-01");
  assertEquals(byId.get("run.json")?.sha256, sha256("run.json"));
  for (const entity of graph) {
    assert(entity["@type"] !== undefined, entity["@id"]);
    for (const [property, value] of Object.entries(entity)) {
      for (const one of [value].flat() as { "@id"?: string }[]) {
        if (typeof one !== "object" || one === null || property === "conformsTo") continue;
        assertEquals(Object.keys(one), ["@id"], "an entity inside another");
        assert(byId.has(one["@id"]!), `${entity["@id"]} ${property} names ${one["@id"]}`);
      }
    }
  }
});

Deno.test("a validator of RO-Crates finds nothing wrong with crateOf(), and something without a licence", async () => {
  const json = await crate();
  const wrong = (results: Finding[]) =>
    results.filter(({ status }) => status === "error").map(({ id, message }) => `${id} ${message}`);
  assertEquals(wrong(await validate(json)), []);
  delete json["@graph"].find((entity) => entity["@id"] === "./")!.license;
  assertEquals(wrong(await validate(json)).length, 1);
});

Deno.test("citationOf() has what the Citation File Format 1.2.0 asks for", () => {
  const citation = parse(citationOf(record));
  for (const key of ["cff-version", "message", "title", "authors"]) assert(key in citation, key);
  assertEquals(citation["cff-version"], "1.2.0");
  assertEquals(citation.type, "dataset");
  assertEquals(citation.title, 'A "title": with signs (run smoke-20260101-000000)');
  assertEquals(citation["date-released"], "2026-01-01");
  assertEquals(citation.authors, [{ name: "Samepage Lab contributors" }]);
  assert(citation.references.every((one: object) => "type" in one && "title" in one));
});
