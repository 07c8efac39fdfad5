// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { LabError } from "./errors.ts";
import { requireWritable } from "./writable.ts";

Deno.test("requireWritable() makes a folder, leaves nothing in it, and refuses where it cannot", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const folder = join(dir, "a/b");
    await requireWritable(folder, "keep the run");
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    await Deno.writeTextFile(join(dir, "file"), "");
    await assertRejects(
      () => requireWritable(join(dir, "file/c"), "keep the run"),
      LabError,
      "Cannot keep the run: nothing can be written to",
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
