// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { LabError } from "../../base/errors.ts";
import { kernelIn, kernelPackage } from "./package.ts";

Deno.test("kernelIn() knows the release from the package's name", () => {
  assertEquals(kernelIn("x.deb", "Package: linux-image-6.1.192\nArchitecture: amd64\n"), {
    name: "linux-image-6.1.192",
    release: "6.1.192",
  });
});

Deno.test("kernelIn() refuses what installs no kernel, or one for another processor", () => {
  for (
    const fields of [
      "Package: linux-headers-6.1.192\nArchitecture: amd64\n",
      "Package: linux-image-6.1.192-dbg\nArchitecture: amd64\n",
      "Package: linux-image-amd64\nArchitecture: amd64\n",
      "Package: linux-image-6.1.192\nArchitecture: arm64\n",
      "",
    ]
  ) assertThrows(() => kernelIn("x.deb", fields), LabError, "Cannot prepare a host with x.deb");
});

Deno.test("kernelPackage() refuses what is no package, by name", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "<html>not found</html>");
    await assertRejects(() => kernelPackage(path), LabError, "it is no Debian package");
    await assertRejects(() => kernelPackage(`${path}.deb`), LabError, "Cannot read the package");
  } finally {
    await Deno.remove(path);
  }
});
