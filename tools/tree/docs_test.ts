// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { run } from "../../base/process.ts";
import { callsIn, headingsIn, linksIn, pathsIn, tablesIn } from "./docs.ts";
import { files, filesWith, isInTree, root, textOf } from "./tree.ts";

const pages = filesWith(".md");
const texts = new Map(
  await Promise.all(pages.map(async (path) => [path, await textOf(path)] as const)),
);
/** Folders at the top. */
const rooms = [
  ...new Set(files.filter((path) => path.includes("/")).map((path) => path.split("/")[0]!)),
]
  .filter((room) => !room.startsWith("."));

/** One line for each thing that `wrongIn` finds in a page. */
function wrong(wrongIn: (text: string, path: string) => readonly string[]): string[] {
  return [...texts].flatMap(([path, text]) => wrongIn(text, path).map((one) => `${path}: ${one}`));
}

Deno.test("each link in the docs leads to a file of the tree, and to a heading of it", () => {
  const broken = wrong((text, path) =>
    linksIn(path, text).filter(({ file, heading }) => {
      if (!isInTree(file) && !file.startsWith("reports/reference/")) return true;
      return heading !== undefined && !headingsIn(texts.get(file) ?? "").includes(heading);
    }).map(({ file, heading }) => [file, heading].filter((part) => part !== undefined).join("#"))
  );
  assertEquals(broken, []);
});

/** What docs/METHOD.md shows how to add. */
const madeUp = "workloads/zeros/";

Deno.test("each path in the docs that begins with a room is there", () => {
  const missing = wrong((text) =>
    pathsIn(text, rooms).filter((path) => !isInTree(path) && !path.startsWith(madeUp))
  );
  assertEquals(missing, []);
  assert(!isInTree(madeUp));
});

Deno.test("each call of the lab in the docs has a verb, and each experiment that it runs is there", async () => {
  const { stdout } = await run(join(root, "lab"), ["help"], {
    purpose: "list verbs",
    timeLimit_s: 60,
  });
  const verbs = [...stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb]) => verb!);
  assert(verbs.includes("run"), stdout);
  const unknown = wrong((text) =>
    callsIn(text).filter(([verb = "run", name = ""]) =>
      !verbs.includes(verb) && !["VERB", "help", "--version"].includes(verb) ||
      verb === "run" && /^[a-z]+$/.test(name) && !files.includes(`experiments/${name}.json`)
    ).map((call) => call.join(" "))
  );
  assertEquals(unknown, []);
});

Deno.test("README and docs/ARCHITECTURE.md name every room", () => {
  for (const page of ["README.md", "docs/ARCHITECTURE.md"]) {
    const named = new Set(
      [...texts.get(page)!.matchAll(/`([A-Za-z]+)\//g)].map(([, room]) => room!),
    );
    assertEquals(rooms.filter((room) => !named.has(room)), [], page);
  }
});

Deno.test("each page of docs/ is linked from another page", () => {
  const linked = new Set(
    [...texts].flatMap(([path, text]) => linksIn(path, text).map(({ file }) => file)),
  );
  assertEquals(pages.filter((path) => path.startsWith("docs/") && !linked.has(path)), []);
});

Deno.test("each file that CONTRIBUTING.md says to touch is there", () => {
  const tables = tablesIn(texts.get("CONTRIBUTING.md")!);
  const paths = [...tables.values()].flat().map(([path]) => path!);
  assert(paths.length > 15);
  assertEquals(paths.filter((path) => !isInTree(path)), []);
});

Deno.test("as few files have to be touched as the rooms are meant for", () => {
  const tables = tablesIn(texts.get("CONTRIBUTING.md")!);
  const always = (kind: string) =>
    tables.get(kind)?.filter(([, , when]) => when === "always").map(([path]) => path);
  assertEquals(always("A workload"), ["workloads/NAME/"]);
  assertEquals(always("A factor"), ["contract/settings.ts"]);
  assertEquals(always("A kind of record"), ["contract/records/GROUP.ts", "agent/NAME.c"]);
  assertEquals(always("A kernel line"), ["kernel/lines/LINE/"]);
  assertEquals(always("A host"), ["hosts/NAME/"]);
  assertEquals(always("A scheduler"), ["hosts/fleets/NAME.ts"]);
});

Deno.test("links, paths and calls are found, and those in blocks of code told apart", () => {
  const text = "# One `x`: two\n[a](b.md#c) [d](https://e.f/) `kernel/x` `other/y` `lab stress`\n" +
    "```sh\ncd x && ./lab --install run smoke # now\n[no](link)\n```\n| a | b |\n|---|---|\n";
  assertEquals(linksIn("docs/p.md", text), [{ file: "docs/b.md", heading: "c" }]);
  assertEquals(headingsIn(text), ["one-x-two"]);
  assertEquals(pathsIn(text, ["kernel"]), ["kernel/x"]);
  assertEquals(callsIn(text), [["run", "smoke"], ["stress"]]);
  assertEquals(tablesIn("# H\n| f | w |\n| - | - |\n| `a/` | b |\n").get("H"), [["a/", "b"]]);
});

Deno.test("isInTree() takes capitals, stars and lists for names, and a slash for a folder", () => {
  for (
    const path of ["workloads/NAME/", "workloads/*/workload.ts", "kernel/lines/LINE/series/", "lab"]
  ) {
    assert(isInTree(path), path);
  }
  for (
    const path of ["workload/NAME/", "workloads/NAME/none.ts", "lab/", "kernel/lines/6.1/serie"]
  ) {
    assert(!isInTree(path), path);
  }
});
