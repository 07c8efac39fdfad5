// SPDX-License-Identifier: Apache-2.0
import { assertRejects } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "./errors.ts";
import { run } from "./process.ts";
import { refuseLinks } from "./links.ts";

/** Deno itself makes links only for who may write everywhere. */
async function link(target: string, path: string): Promise<void> {
  await run("ln", ["-s", target, path], { purpose: "make a link", timeLimit_s: 10 });
}

Deno.test("refuseLinks() finds a link at any depth, and lets a folder be reached through one", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(dir, "run/trials"), { recursive: true });
    await Deno.writeTextFile(join(dir, "run/run.json"), "");
    await link(join(dir, "run"), join(dir, "other name"));
    await refuseLinks(join(dir, "other name"), "write");
    for (const path of ["run/index.html", "run/trials/t.jsonl", "run/tables"]) {
      await link("/nowhere", join(dir, path));
      await assertRejects(() => refuseLinks(join(dir, "run"), "write"), LabError, path);
      await Deno.remove(join(dir, path));
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
