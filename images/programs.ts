// SPDX-License-Identifier: Apache-2.0
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
const warnings = ["-std=gnu17", "-Wall", "-Wextra", "-Werror"];

const flags = [
  ...warnings,
  "-O2",
  "-static",
  "-fno-ident",
  "-Wl,--build-id=none",
  "-Wl,--strip-all",
];

/** What a workload may use besides the C library; of an archive only what is used is linked. */
const libraryFlags = ["-lz"];

/** The only architecture that programs have a room for (`arch/`). */
const arch = "x86_64";

/** Folders with the agent's headers; the counter of ticks is one for agent and guests. */
export const agentIncludes = ["agent", `agent/arch/${arch}`, `guest/arch/${arch}`]
  .map((path) => join(root, path));

/** All of the agent. */
export function agentSources(): Promise<string[]> {
  return sourcesIn(join(root, "agent"));
}

/** The agent that carries out a trial on the host. Returns the program's path. */
export async function buildAgent(report: Report): Promise<string> {
  return await compileProgram(
    "agent",
    agentIncludes,
    await agentSources(),
    "the host agent",
    report,
  );
}

/**
 * The compiler's static analysis of the agent (-fanalyzer): what it warns of is an error.
 *
 * @param sources other C files than the agent's, with the same headers.
 * @throws {LabError} with the compiler's words when it finds something.
 */
export async function analyzeAgent(sources?: readonly string[]): Promise<void> {
  const files = sources ?? await agentSources();
  const args = [...warnings, "-O1", "-fanalyzer", ...agentIncludes.map((path) => `-I${path}`)];
  /* One by one: with several, the compiler keeps going and the first finding drowns. */
  for (const file of files) {
    await run("gcc", [...args, "-c", "-o", "/dev/null", file], {
      env: buildTools,
      purpose: `analyze ${file}`,
      timeLimit_s: compileLimit_s,
      next: "Mend what the compiler found",
    });
  }
}

/**
 * The agent for a plain process that watches itself: wrong accesses to memory and undefined
 * behaviour end it with a message (AddressSanitizer, UndefinedBehaviorSanitizer). Linked with
 * this machine's libraries, so not for a trial.
 *
 * @param dir the folder that it is put in.
 * @returns the program's path.
 */
export async function buildWatchedAgent(dir: string): Promise<string> {
  const program = join(dir, "agent");
  const watch = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const args = [...warnings, "-O1", "-g", ...watch, ...agentIncludes.map((path) => `-I${path}`)];
  await run("gcc", [...args, "-o", program, ...await agentSources()], {
    env: buildTools,
    purpose: "compile the agent with AddressSanitizer",
    timeLimit_s: compileLimit_s,
  });
  return program;
}

/** The init of a guest that does this workload. Returns the program's path. */
export async function buildGuestInit(workload: NamedWorkload, report: Report): Promise<string> {
  const guest = join(root, "guest");
  const sources = [...await sourcesIn(guest), ...await sourcesIn(workload.dir)];
  const what = `the guest's init for ${workload.name}`;
  const includes = [guest, join(guest, "arch", arch), workload.dir];
  return await compileProgram("init", includes, sources, what, report);
}

/** Of rooms for architectures, the one that is built for. */
async function sourcesIn(dir: string): Promise<string[]> {
  return (await filesBelow(dir))
    .filter((path) => path.endsWith(".c"))
    .filter((path) => !path.startsWith("arch/") || path.startsWith(`arch/${arch}/`))
    .map((path) => join(dir, path));
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
