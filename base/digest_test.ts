// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { canonicalJson, sha256, sha256OfFolder, sha256OfJson } from "./digest.ts";

Deno.test("sha256() gives the published digest of the empty input", () => {
  assertEquals(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

Deno.test("canonicalJson() does not depend on the order of members", () => {
  assertEquals(
    canonicalJson({ b: [1, { d: null, c: "é" }], a: true }),
    '{"a":true,"b":[1,{"c":"é","d":null}]}',
  );
  assertEquals(sha256OfJson({ a: 1, b: 2 }), sha256OfJson({ b: 2, a: 1 }));
});

Deno.test("canonicalJson() refuses what JSON cannot hold", () => {
  assertThrows(() => canonicalJson({ a: NaN }), TypeError);
});

Deno.test("sha256OfFolder() sees names, contents and the executable bit, not times", async () => {
  const dir = await Deno.makeTempDir();
  await Deno.writeTextFile(join(dir, "a"), "1");
  const first = await sha256OfFolder(dir);
  await Deno.utime(join(dir, "a"), 1, 1);
  assertEquals(await sha256OfFolder(dir), first);
  await Deno.chmod(join(dir, "a"), 0o755);
  assertNotEquals(await sha256OfFolder(dir), first);
  await Deno.remove(dir, { recursive: true });
});
