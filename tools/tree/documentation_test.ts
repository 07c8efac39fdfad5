// SPDX-License-Identifier: Apache-2.0
/** What others build on is documented: `deno doc --lint`. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { run } from "../../base/process.ts";
import { denoEnvironment } from "./imports.ts";
import { files, root } from "./tree.ts";

/** All of what passes between rooms and of the seam to hosts; of analysis its door. */
const isPublic = (path: string) =>
  /^contract\/.*(?<!_test)\.ts$|^hosts\/[^/]+(?<!_test|fake)\.ts$|^analysis\/mod\.ts$/.test(path) &&
  !path.includes("/testdata/");

/**
 * Lines "PATH:LINE: what is missing". A type that is exported by another room's file is no private
 * one, as deno doc takes it: the rooms are one program.
 */
async function missingIn(paths: readonly string[]): Promise<string[]> {
  const args = ["doc", "--lint", "--quiet", ...paths];
  const { status, stderr } = await run(Deno.execPath(), args, {
    cwd: root,
    env: denoEnvironment(),
    purpose: "look at what is documented",
    timeLimit_s: 60,
    accept: [1],
  });
  if (status !== 0 && !stderr.startsWith("error[")) throw new Error(stderr);
  const found = stderr.matchAll(
    /^error\[(missing-(?:jsdoc|return-type))\]: .*\n *--> (.*?):(\d+):\d+$/gm,
  );
  return [...found].map(([, kind, path, line]) =>
    `${path!.replace(`${root}/`, "")}:${line}: ${kind}`
  );
}

Deno.test("what is public of contract, hosts and analysis is documented", async () => {
  const paths = files.filter(isPublic).map((path) => join(root, path));
  assert(paths.includes(join(root, "analysis/mod.ts")));
  assertEquals(await missingIn(paths), []);
});

Deno.test("what is not documented is found", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(join(dir, "bare.ts"), "export const bare = 1;\n");
  assertEquals(await missingIn([join(dir, "bare.ts")]), [
    `${join(dir, "bare.ts")}:1: missing-jsdoc`,
  ]);
  await Deno.remove(dir, { recursive: true });
});
