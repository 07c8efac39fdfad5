// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { exists } from "../base/files.ts";
import { patchesIn } from "../debian/patches.ts";
import {
  debianKernels,
  findsSeveralCpus,
  isDebianKernel,
  kernelLines,
  lineOf,
  linesFolder,
  linesIn,
  smpKernels,
} from "./lines.ts";
import { lockOf } from "./lock.ts";

Deno.test("linesIn() takes folders that are named as lines, in the order of their versions", async () => {
  const dir = await Deno.makeTempDir();
  for (const name of ["6.12", "6.2", "6.1", "5.15", "notes"]) await Deno.mkdir(join(dir, name));
  await Deno.writeTextFile(join(dir, "6.3"), "");
  assertEquals(linesIn(dir), ["5.15", "6.1", "6.2", "6.12"]);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("each line's folder holds all that the lab needs of it, of that line", async () => {
  for (const line of kernelLines) {
    const { source, config, image } = lockOf(line);
    assertEquals([source.name, config.name], [`linux-source-${line}`, `linux-config-${line}`]);
    if (image !== undefined) assert(image.name.startsWith(`linux-image-${line}.`), image.name);
    for (const { version } of [source, config, ...(image === undefined ? [] : [image])]) {
      assert(version.startsWith(`${line}.`), version);
    }
    assert(
      (await patchesIn(join(linesFolder, line, "series"))).length > 0,
      `${line} has no series`,
    );
    assert(
      await exists(join(linesFolder, line, "selftests.json")),
      `${line} has no selftests.json`,
    );
  }
});

Deno.test("a name of one of Debian's kernels is told from a line, and has one", () => {
  for (const name of debianKernels) {
    assertEquals([isDebianKernel(name), name], [true, `debian-${lineOf(name)}`]);
    assertEquals(isDebianKernel(lineOf(name)), false);
    assert(lockOf(lineOf(name)).image !== undefined, name);
  }
  assertEquals(isDebianKernel("debian-7.3"), false);
});

Deno.test("a kernel for several CPUs is of its line, and is none of Debian's", () => {
  for (const [at, name] of smpKernels.entries()) {
    const line = kernelLines[at]!;
    assertEquals([lineOf(name), isDebianKernel(name)], [line, false]);
    assertEquals([line, name].map(findsSeveralCpus), [false, true]);
  }
});
