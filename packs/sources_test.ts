// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { sourcesOf } from "./sources.ts";

Deno.test("sourcesOf() has the source of each line once, and Debian's kernels by their packages", async () => {
  const { kernels, debianKernels } = await sourcesOf(["6.12", "debian-6.1", "debian-6.12"], []);
  assertEquals(
    Object.entries(kernels).map(([line, { name }]) => [line, name]),
    [["6.1", "linux-source-6.1"], ["6.12", "linux-source-6.12"]],
  );
  assertEquals(Object.keys(debianKernels), ["debian-6.1", "debian-6.12"]);
  for (const [name, { version }] of Object.entries(debianKernels)) {
    /* Otherwise no pack could hold the source. */
    assertEquals(version, kernels[name.replace("debian-", "")]!.version);
  }
});
