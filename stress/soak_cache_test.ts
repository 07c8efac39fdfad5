// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { exists } from "../base/files.ts";
import { damageFile } from "./soak_cache.ts";
import { damageWays } from "./soak_rounds.ts";

Deno.test("a damaged file keeps its content under its other names", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const whole = join(dir, "whole");
    await Deno.writeTextFile(whole, "content");
    for (const way of damageWays) {
      const copy = join(dir, "copy");
      await Deno.link(whole, copy);
      await damageFile(copy, way);
      if (way === "removed") assertEquals(await exists(copy), false);
      else {
        assertNotEquals(await Deno.readTextFile(copy), "content", way);
        await Deno.remove(copy);
      }
      assertEquals(await Deno.readTextFile(whole), "content", way);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
