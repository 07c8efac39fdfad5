// SPDX-License-Identifier: Apache-2.0
/** A machine that has too little memory left refuses trials before any is begun. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { run } from "../base/process.ts";
import { cacheRoot } from "../store/cache.ts";
import { root } from "./lab.ts";

Deno.test("a run that does not fit into the memory there is is refused, with the numbers", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const meminfo = join(dir, "meminfo");
    const script = `
      mount -t tmpfs tmpfs reports
      sed 's/^MemAvailable:.*/MemAvailable: 819200 kB/' /proc/meminfo >"$1"
      mount --bind "$1" /proc/meminfo
      ./lab run smoke --fresh --json`;
    const { status, stdout, stderr } = await run("unshare", [
      "-rm",
      "sh",
      "-c",
      script,
      "sh",
      meminfo,
    ], {
      ...{ cwd: root, purpose: "run with little memory", timeLimit_s: 3600, accept: [2] },
      env: { XDG_CACHE_HOME: dirname(cacheRoot()) },
    });
    assertEquals([status, stdout], [2, ""], stderr);
    assertMatch(
      stderr,
      /Cannot run trials: one takes \d+ MiB of memory and the lab \d+, and 800 MiB are available/,
    );
    assertStringIncludes(stderr, "run fewer or smaller guests");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
