// SPDX-License-Identifier: Apache-2.0
/** Faster compilers: see huge_pages.c. */
import { join } from "@std/path";
import { cached } from "../store/cache.ts";
import { sha256OfFile, sha256OfJson } from "../base/digest.ts";
import { run } from "../base/process.ts";
import type { Report } from "../base/report.ts";
import { buildTools, toolchain } from "./toolchain.ts";

/**
 * Variables for builds that compile much: which programs, and how to be faster. The latter change the
 * time a build takes, and nothing of what it makes; so they are not part of any digest.
 */
export async function compilerEnvironment(report: Report): Promise<Record<string, string>> {
  const source = join(import.meta.dirname!, "huge_pages.c");
  const digest = sha256OfJson({ source: await sha256OfFile(source), tools: await toolchain() });
  const what = "the compiler's helper";
  const entry = await cached("program", digest, async (dir) => {
    const library = join(dir, "huge_pages.so");
    await run("gcc", ["-O2", "-shared", "-fPIC", "-o", library, source], {
      env: buildTools,
      purpose: `compile ${what}`,
      timeLimit_s: 60,
    });
  }, { what, needs_mib: 10, report });
  return {
    ...buildTools,
    LD_PRELOAD: join(entry.dir, "huge_pages.so"),
    GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
  };
}
