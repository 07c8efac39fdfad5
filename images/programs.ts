/**
 * The C programs of the images: the host's agent, and one guest init for each workload. Static, so
 * that an image needs nothing besides, and linked with locked libraries: the same bits wherever the
 * compiler is the same.
 */
import { join } from "@std/path";
import type { NamedWorkload } from "../workloads/workload.ts";
import { cached, findCached } from "../store/cache.ts";
import { filesBelow, sha256OfFile, sha256OfJson } from "../base/digest.ts";
import { run } from "../base/process.ts";
import type { Report } from "../base/report.ts";
import { lockedSysrootDigest, sysroot } from "../debian/sysroot.ts";
import { buildTools, toolchain } from "../debian/toolchain.ts";

const root = join(import.meta.dirname!, "..");

const compileLimit_s = 120;

/** Warnings are errors: there is one compiler to please, and its version is part of the digest. */
const flags = [
  "-std=gnu17",
  "-O2",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-static",
  "-fno-ident",
  "-Wl,--build-id=none",
  "-Wl,--strip-all",
];

/** What a workload may use besides the C library; of an archive only what is used is linked. */
const libraryFlags = ["-lz"];

/** The agent that carries out a trial on the host. Returns the program's path. */
export async function buildAgent(report: Report): Promise<string> {
  const dir = join(root, "agent");
  return await compileProgram("agent", [dir], await sourcesIn(dir), "the host agent", report);
}

/** The init of a guest that does this workload. Returns the program's path. */
export async function buildGuestInit(workload: NamedWorkload, report: Report): Promise<string> {
  const guest = join(root, "guest");
  const sources = [...await sourcesIn(guest), ...await sourcesIn(workload.dir)];
  const what = `the guest's init for ${workload.name}`;
  return await compileProgram("init", [guest, workload.dir], sources, what, report);
}

async function sourcesIn(dir: string): Promise<string[]> {
  return (await filesBelow(dir)).filter((path) => path.endsWith(".c")).map((path) =>
    join(dir, path)
  );
}

async function headersIn(dirs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    dirs.map(async (dir) => (await filesBelow(dir)).map((path) => join(dir, path))),
  );
  return found.flat().filter((path) => path.endsWith(".h"));
}

/**
 * A static program from C sources.
 *
 * @param includes folders with headers.
 * @returns its path.
 * @throws {LabError} when it does not compile.
 */
export async function compileProgram(
  name: string,
  includes: readonly string[],
  sources: readonly string[],
  what: string,
  report: Report,
): Promise<string> {
  const inputs = await Promise.all([...sources, ...await headersIn(includes)].map(sha256OfFile));
  const tools = await toolchain();
  const digestWith = (libraries: string) =>
    sha256OfJson({ name, flags: [...flags, ...libraryFlags], inputs, tools, libraries });
  const ready = await findCached("program", digestWith(lockedSysrootDigest()), { what, report });
  if (ready !== undefined) return join(ready.dir, name);

  const libraries = await sysroot(report);
  const entry = await cached("program", digestWith(libraries.digest), async (dir) => {
    report(`compiling ${what}`);
    const places = [`--sysroot=${libraries.dir}`, ...includes.map((path) => `-I${path}`)];
    const args = [...flags, ...places, "-o", join(dir, name), ...sources, ...libraryFlags];
    await run("gcc", args, {
      env: buildTools,
      purpose: `compile ${what}`,
      timeLimit_s: compileLimit_s,
    });
  }, { what, needs_mib: 50, report });
  return join(entry.dir, name);
}
