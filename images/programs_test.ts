// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals } from "@std/assert";
import { basename, join } from "@std/path";
import { cacheRoot } from "../store/cache.ts";
import { run } from "../base/process.ts";
import { reportNothing } from "../base/report.ts";
import { roomDigest, runInRoom } from "../debian/room.ts";
import { sysroot, sysrootPackages } from "../debian/sysroot.ts";
import { workloadByName } from "../workloads/workload.ts";
import { buildAgent, buildGuestInit } from "./programs.ts";

/** Builds with a cache of its own, into which only libraries and the room are taken along. */
async function builtAfresh(): Promise<{ agent: Uint8Array; init: Uint8Array }> {
  const before = Deno.env.get("XDG_CACHE_HOME");
  const packages = await sysrootPackages(reportNothing);
  const own = cacheRoot();
  await runInRoom("true", [], {}, { purpose: "see to the room", timeLimit_s: 600 });
  const libraries = await sysroot(reportNothing);
  /* On one file system with the room, which is shared with it then. */
  await Deno.mkdir(join(own, "tmp"), { recursive: true });
  const cache = await Deno.makeTempDir({ dir: join(own, "tmp") });
  Deno.env.set("XDG_CACHE_HOME", cache);
  await Deno.mkdir(join(cacheRoot(), "debian"), { recursive: true });
  for (const { path } of packages) {
    await Deno.copyFile(path, join(cacheRoot(), "debian", basename(path)));
  }
  await Deno.mkdir(join(cacheRoot(), "sysroot"));
  await run("cp", ["-a", libraries.dir, join(cacheRoot(), "sysroot")], {
    purpose: "take the libraries along",
    timeLimit_s: 60,
  });
  await Deno.mkdir(join(cacheRoot(), "room"));
  await run("cp", ["-al", join(own, "room", roomDigest()), join(cacheRoot(), "room")], {
    purpose: "take the room along",
    timeLimit_s: 60,
  });
  try {
    const workload = await workloadByName("pagecache");
    const agent = await buildAgent(reportNothing);
    const init = await buildGuestInit(workload, reportNothing);
    assert(agent.startsWith(cache), "built in the new cache");
    return { agent: await Deno.readFile(agent), init: await Deno.readFile(init) };
  } finally {
    if (before === undefined) Deno.env.delete("XDG_CACHE_HOME");
    else Deno.env.set("XDG_CACHE_HOME", before);
    await Deno.remove(cache, { recursive: true });
  }
}

Deno.test("agent and guest init are the same bits in whatever folder they are built", async () => {
  const [one, other] = [await builtAfresh(), await builtAfresh()];
  assertEquals(one.agent, other.agent);
  assertEquals(one.init, other.init);
});
