// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { cacheRoot } from "./cache.ts";
import { privatePaths, withoutPlaces } from "./private.ts";
import { withOwnCache } from "./testdata/own_cache.ts";

Deno.test("withoutPlaces() has a word for each place, also for one within another", () =>
  withOwnCache(() => {
    const home = Deno.env.get("HOME");
    Deno.env.set("HOME", Deno.env.get("XDG_CACHE_HOME")!);
    try {
      const text = `${cacheRoot()}/tmp/x: no room, see ${Deno.env.get("HOME")}/notes and ${
        privatePaths()[1]
      }/lab`;
      assertEquals(withoutPlaces(text), "CACHE/tmp/x: no room, see HOME/notes and LAB/lab");
    } finally {
      if (home === undefined) Deno.env.delete("HOME");
      else Deno.env.set("HOME", home);
    }
    return Promise.resolve();
  }));
