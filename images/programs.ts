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
import type { Report } from "../base/report.ts";
import { lockedSysrootDigest, sysroot } from "../debian/sysroot.ts";
import { builtBy, runInRoom } from "../debian/room.ts";

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
  const { read, inside } = seen([...files, ...agentIncludes]);
  const includes = agentIncludes.map((path) => `-I${inside(path)}`);
  const args = [...warnings, "-O1", "-fanalyzer", ...includes];
  /* One by one: with several, the compiler keeps going and the first finding drowns. */
  for (const file of files) {
    await runInRoom("gcc", [...args, "-c", "-o", "/dev/null", inside(file)], { read }, {
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
  const sources = await agentSources();
  const { read, inside } = seen([...sources, ...agentIncludes]);
  const args = [
    ...[...warnings, "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    /* It runs outside of the room, where these libraries need not be. */
    ...["-static-libasan", "-static-libubsan"],
    ...agentIncludes.map((path) => `-I${inside(path)}`),
    ...["-o", "/out/agent", ...sources.map(inside)],
  ];
  await runInRoom("gcc", args, { read, write: { "/out": dir } }, {
    purpose: "compile the agent with AddressSanitizer",
    timeLimit_s: compileLimit_s,
  });
  return join(dir, "agent");
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

/** What of the checkout, or of elsewhere, has to be seen in the room, and where a path is there. */
function seen(paths: readonly string[]): {
  read: Record<string, string>;
  inside: (path: string) => string;
} {
  const inside = (path: string) =>
    path.startsWith(`${root}/`) ? `/in/lab${path.slice(root.length)}` : `/in/other${path}`;
  /* What lies in a folder is seen with it. */
  const apart = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
  return { read: Object.fromEntries(apart.map((path) => [inside(path), path])), inside };
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
  const digestWith = (libraries: string) =>
    sha256OfJson({
      name,
      flags: [...flags, ...libraryFlags],
      inputs,
      tools: builtBy(),
      libraries,
    });
  const ready = await findCached("program", digestWith(lockedSysrootDigest()), { what, report });
  if (ready !== undefined) return join(ready.dir, name);

  const libraries = await sysroot(report);
  const entry = await cached("program", digestWith(libraries.digest), async (dir) => {
    report(`compiling ${what}`);
    const { read, inside } = seen([...sources, ...includes]);
    const places = ["--sysroot=/in/libraries", ...includes.map((path) => `-I${inside(path)}`)];
    const to = `/out/${name}`;
    const args = [...flags, ...places, "-o", to, ...sources.map(inside), ...libraryFlags];
    const view = { read: { ...read, "/in/libraries": libraries.dir }, write: { "/out": dir } };
    await runInRoom("gcc", args, view, {
      report,
      purpose: `compile ${what}`,
      timeLimit_s: compileLimit_s,
    });
  }, { what, needs_mib: 50, report });
  return join(entry.dir, name);
}
