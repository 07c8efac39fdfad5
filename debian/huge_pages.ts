// SPDX-License-Identifier: Apache-2.0
/** Faster compilers: see huge_pages.c. */
import { join } from "@std/path";
import { cached } from "../store/cache.ts";
import { sha256OfFile, sha256OfJson } from "../base/digest.ts";
import type { Report } from "../base/report.ts";
import { builtBy, runInRoom, type View } from "./room.ts";

/** Where the library is seen in the room. */
const place = "/in/faster";

/**
 * For builds that compile much: variables that make the room's programs faster, and what these have to
 * see for it. They change the time a build takes, and nothing of what it makes; so they are not part of
 * any digest.
 */
export async function fasterCompilers(
  report: Report,
): Promise<{ env: Record<string, string>; read: NonNullable<View["read"]> }> {
  const source = join(import.meta.dirname!, "huge_pages.c");
  const digest = sha256OfJson({ source: await sha256OfFile(source), tools: builtBy() });
  const what = "the compiler's helper";
  const entry = await cached("helper", digest, async (dir) => {
    const files = { read: { "/in/huge_pages.c": source }, write: { "/out": dir } };
    const args = ["-O2", "-shared", "-fPIC", "-o", "/out/huge_pages.so", "/in/huge_pages.c"];
    await runInRoom("gcc", args, files, {
      report,
      purpose: `compile ${what}`,
      timeLimit_s: 60,
    });
  }, { what, needs_mib: 10, report });
  return {
    env: {
      LD_PRELOAD: `${place}/huge_pages.so`,
      GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
    },
    read: { [place]: entry.dir },
  };
}
