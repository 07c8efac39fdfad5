// SPDX-License-Identifier: Apache-2.0
/** The worked example of docs/METHOD.md is held to what it says: it compiles as it stands there. */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { NamedWorkload } from "../workloads/workload.ts";
import { buildGuestInit } from "./programs.ts";

Deno.test("the workload that docs/METHOD.md adds compiles", async () => {
  const text = await Deno.readTextFile(join(import.meta.dirname!, "../docs/METHOD.md"));
  const [, source] = /```c\n([^]*?)```/.exec(text)!;
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(dir, "guest.c"), source!);
    const workload = { name: "zeros", dir } as NamedWorkload;
    const { isFile } = await Deno.stat(await buildGuestInit(workload, () => {}));
    assertEquals(isFile, true);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
