// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { fetchDeb } from "./debian.ts";
import { checkItems, isThere, readLock, stateInWords, updateLock } from "./locks.ts";
import { withRepository } from "./testdata/repository.ts";

const quiet = () => {};

Deno.test("checkItems() says where a locked version still is, and what is nearest when it is gone", () =>
  withRepository(["1.0-2"], async ([locked], sources) => {
    const options = { sources, report: quiet };
    const old = { ...locked!, version: "1.0-1", line: "1.0" };
    const [there, gone] = await checkItems([locked!, old], options);
    assertEquals([there!.mirror, there!.cache, isThere(there!)], [true, false, true]);
    assertEquals([gone!.mirror, gone!.archive, gone!.cache, isThere(gone!)], [
      ...[false, null, false, false],
    ]);
    assertEquals(stateInWords(there!), "thing 1.0-2: in the mirror");
    assertEquals(stateInWords(gone!), "thing 1.0-1: GONE; nearest in the mirror: 1.0-2");

    await fetchDeb(locked!, options);
    const [kept] = await checkItems([locked!], options);
    assertEquals(stateInWords(kept!), "thing 1.0-2: in the mirror, in the cache");
  }));

Deno.test("checkItems() does not take the same version with other content for the locked one", () =>
  withRepository(["1.0-2"], async ([locked], sources) => {
    const [state] = await checkItems([{ ...locked!, sha256: "0".repeat(64) }], {
      ...{ sources, report: quiet },
    });
    assertEquals(isThere(state!), false);
  }));

Deno.test("a version that only the archive has is taken from there, without drift", () =>
  withRepository(["1.0-2"], (_, sources) =>
    withRepository(["1.0-1"], async ([old], archive) => {
      const said: string[] = [];
      const options = { sources, archive, report: (line: string) => void said.push(line) };
      const locked = { ...old!, line: "1.0" };
      const [state] = await checkItems([locked], options);
      assertEquals([state!.mirror, state!.archive], [false, true]);
      const fetched = await fetchDeb(locked, options);
      assertEquals([fetched.version, fetched.drift], ["1.0-1", false]);
      assertStringIncludes(
        said.join("\n"),
        "Gone from the mirror: thing 1.0-1; asking the archive",
      );
    })));

Deno.test("updateLock() moves to the newest version of the line and writes only what changed", () =>
  withRepository(["1.0-2", "1.0-10", "2.0-1"], async (offers, sources) => {
    const dir = await Deno.makeTempDir();
    const path = join(dir, "lock.json");
    const content = { "1.0": { ...offers[0]!, line: "1.0-" }, other: { ...offers[2]! } };
    await Deno.writeTextFile(path, JSON.stringify(content));
    const moves = await updateLock(await readLock(path), { sources, report: quiet });
    assertEquals(moves, [{ path, name: "thing", from: "1.0-2", to: "1.0-10" }]);
    const written = JSON.parse(await Deno.readTextFile(path));
    assertEquals(written, { "1.0": { ...offers[1]!, line: "1.0-" }, other: offers[2]! });
    assertEquals(await updateLock(await readLock(path), { sources, report: quiet }), []);
    await Deno.remove(dir, { recursive: true });
  }));
