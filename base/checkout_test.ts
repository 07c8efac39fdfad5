// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { checkoutFiles } from "./checkout.ts";
import { run } from "./process.ts";

const files = [
  ".gitignore",
  "a.ts",
  "reports/mine/run.json",
  "reports/reference/reference.json",
];

async function withFiles(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  for (const path of files) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), path === ".gitignore" ? "reports/mine/\n" : "");
  }
  await test(root);
  await Deno.remove(root, { recursive: true });
}

const wanted = [".gitignore", "a.ts", "reports/reference/reference.json"];

Deno.test("checkoutFiles() leaves out what runs have written, without git", () =>
  withFiles(async (root) => assertEquals(await checkoutFiles(root), wanted)));

Deno.test("checkoutFiles() has what git knows or would, and is there", () =>
  withFiles(async (root) => {
    const git = (...args: string[]) =>
      run("git", ["-C", root, ...args], { purpose: "prepare a test", timeLimit_s: 60 });
    await git("init", "-q");
    await Deno.writeTextFile(join(root, "gone.ts"), "");
    await git("add", "gone.ts", "a.ts");
    await Deno.remove(join(root, "gone.ts"));
    assertEquals(await checkoutFiles(root), wanted);
  }));
