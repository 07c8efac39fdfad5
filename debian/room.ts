// SPDX-License-Identifier: Apache-2.0
/**
 * The room that everything is built in: compilers and all that they need, unpacked from locked packages
 * into the cache, and entered without root. What is installed on the machine does not get into what is
 * built, so two machines build the same bits. How a program gets inside: room.sh.
 */
import { join } from "@std/path";
import { sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { removeIfThere } from "../base/files.ts";
import { run, type RunOptions, type RunResult } from "../base/process.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import { cached } from "../store/cache.ts";
import { fetchDebs, type LockedDeb } from "./debian.ts";
import { unpackPackages } from "./packages.ts";
import lock from "./room.lock.json" with { type: "json" };

/** The room as it lies in the cache, and how this machine lets programs into it. */
interface Room {
  dir: string;
  way: Way;
}

/** What a program inside can see besides the room: places inside, and the files or folders outside. */
export interface View {
  /** Cannot be changed: below "/in", by their places there. */
  read?: Readonly<Record<string, string>>;
  /** Can be changed: "/build" and below, and "/out". */
  write?: Readonly<Record<string, string>>;
}

/** How one gets in: see room.sh. The first fails for whoever is not root. */
const ways = ["root", "bubblewrap", "user"] as const;
type Way = typeof ways[number];

/** Raised when the same packages would give another room. */
const recipeVersion = 1;

const what = "the room that builds run in";
const room_mib = 900;

/** What it is made of: the packages that builds ask for, and all that those need. */
export const roomPackages: readonly LockedDeb[] = lock.packages as LockedDeb[];

/** Nobody reads these, and they are half of the files. */
const unwanted = ["doc", "man", "locale", "info", "lintian", "bug", "debhelper", "bash-completion"];

/** Links that packages' scripts make where they are installed: which of several programs a name means. */
const alternatives: Readonly<Record<string, string>> = {
  awk: "mawk",
  cc: "gcc",
  "c++": "g++",
  fakeroot: "fakeroot-sysv",
  yacc: "bison.yacc",
  /* Debian 12 has it from one of two packages. */
  which: "which.debianutils",
};

/** Where folders of the machine, and what the kernel gives, are seen. */
const places = ["build", "build/source", "build/objects", "out", "in", "dev", "proc", "sys", "tmp"];

const passwd = "root:x:0:0:root:/root:/bin/sh\n";
const group = "root:x:0:\n";

/** What every program inside has, and nothing else but what the build gives it. */
const environment = {
  PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/tmp",
  LC_ALL: "C",
  TZ: "UTC",
};

const script = join(import.meta.dirname!, "room.sh");
const probeLimit_s = 30;

/**
 * Digest of the room: part of the identity of everything that is built in it. It is known whether the
 * room is here or not.
 */
export function roomDigest(packages: readonly LockedDeb[] = roomPackages): string {
  return sha256OfJson({
    recipeVersion,
    unwanted,
    alternatives,
    packages: packages.map(({ sha256 }) => sha256),
  });
}

/**
 * The first room. What it makes was seen to be the same to the bit as what its compiler made on a Debian 12
 * before there was a room (agent, guests' programs, two kernels of 6.1, QEMU), so what was built then stays.
 */
const firstRoom = "664a857c96a4d7fbca46facd1ac564c88a4b84dc225c13ffdd011979b4fa1833";

/** What something is built by: part of the identity of everything that is compiled. */
export function builtBy(): Readonly<Record<string, string>> {
  const room = roomDigest();
  return room === firstRoom ? compilerSays : { ...compilerSays, room };
}

/** What compiler, assembler and linker of the room say of themselves: their first lines by their names. */
export const compilerSays: Readonly<Record<string, string>> = lock.says;

/**
 * Runs a program in the room. Its arguments, its folder and the paths in its variables are those inside;
 * the log is outside.
 *
 * @throws {LabError} when a package of the room cannot be had, or this machine lets nobody in; otherwise
 * as {@linkcode run}.
 */
export async function runInRoom(
  program: string,
  args: readonly string[],
  view: View,
  options: RunOptions & { report?: Report },
): Promise<RunResult> {
  return await runIn(await room(options.report ?? reportToStderr), program, args, view, options);
}

async function runIn(
  { dir, way }: Room,
  program: string,
  args: readonly string[],
  view: View,
  options: RunOptions & { report?: Report },
): Promise<RunResult> {
  const { env, cwd, report: _, ...rest } = options;
  return await run(program, args, {
    ...rest,
    within: ["sh", script, "enter", ...wordsFor(way, dir, cwd ?? "/", view, env ?? {})],
  });
}

function wordsFor(
  way: Way,
  dir: string,
  cwd: string,
  { read = {}, write = {} }: View,
  env: Readonly<Record<string, string>>,
): string[] {
  /* What lies below another comes after it. */
  const sorted = (places: Readonly<Record<string, string>>) =>
    Object.entries(places).sort(([a], [b]) => a < b ? -1 : 1);
  return [
    ...[way, dir, cwd],
    ...sorted(write).flatMap(([inside, outside]) => ["rw", outside, inside]),
    ...sorted(read).flatMap(([inside, outside]) => ["ro", outside, inside]),
    ...["--", "/usr/bin/env", "-i"],
    ...Object.entries({ ...environment, ...env }).map(([name, value]) => `${name}=${value}`),
  ];
}

let known: { key: string; room: Promise<Room> } | undefined;

/** Looked at once in a process: a room is 15,000 files. */
function room(report: Report): Promise<Room> {
  const key = Deno.env.get("XDG_CACHE_HOME") ?? Deno.env.get("HOME") ?? "";
  if (known?.key !== key) {
    const found = prepare(report);
    known = { key, room: found };
    found.catch(() => known = undefined);
  }
  return known.room;
}

/**
 * What programs of a room that is made of other packages say of themselves: the first line of each.
 *
 * @throws {LabError} as {@linkcode runInRoom}.
 */
export async function sayingsOf(
  packages: readonly LockedDeb[],
  programs: readonly string[],
  report: Report,
): Promise<Record<string, string>> {
  const other = await prepare(report, packages);
  const say = async (program: string): Promise<[string, string]> => {
    const { stdout } = await runIn(other, program, ["--version"], {}, {
      purpose: `ask ${program} which one it is`,
      timeLimit_s: probeLimit_s,
    });
    return [program, stdout.split("\n")[0]!];
  };
  return Object.fromEntries(await Promise.all(programs.map(say)));
}

async function prepare(
  report: Report,
  packages: readonly LockedDeb[] = roomPackages,
): Promise<Room> {
  const entry = await cached("room", roomDigest(packages), async (dir) => {
    const debs = await fetchDebs(packages, { report, exact: true });
    report(`unpacking ${what}`);
    await makeSkeleton(dir);
    await unpackPackages(debs.map(({ path }) => path), dir);
    for (const name of unwanted) await removeIfThere(join(dir, "usr/share", name));
    for (const [name, target] of Object.entries(alternatives)) {
      await link(target, join(dir, "usr/bin", name));
    }
    await Deno.writeTextFile(join(dir, "etc/passwd"), passwd);
    await Deno.writeTextFile(join(dir, "etc/group"), group);
  }, { what, needs_mib: room_mib, report });
  return { dir: entry.dir, way: await wayInto(entry.dir) };
}

/** Debian 12 has one place for programs and libraries, whatever the packages say. */
async function makeSkeleton(dir: string): Promise<void> {
  await Deno.mkdir(join(dir, "etc"));
  for (const name of ["bin", "sbin", "lib", "lib32", "lib64", "libx32"]) {
    await Deno.mkdir(join(dir, "usr", name), { recursive: true });
    await link(`usr/${name}`, join(dir, name));
  }
  for (const name of places) await Deno.mkdir(join(dir, name), { recursive: true });
}

/** By ln(1): Deno makes links for nobody who may not write everywhere. */
async function link(target: string, path: string): Promise<void> {
  await run("ln", ["-sfn", target, path], { purpose: `prepare ${what}`, timeLimit_s: 10 });
}

/**
 * How this machine lets programs into the room.
 *
 * @throws {LabError} when it does not.
 */
async function wayInto(dir: string): Promise<Way> {
  const said: string[] = [];
  for (const way of ways) {
    const { status, stderr } = await run("true", [], {
      within: ["sh", script, "enter", ...wordsFor(way, dir, "/", {}, {})],
      purpose: "enter the room that builds run in",
      timeLimit_s: probeLimit_s,
      accept: Array.from({ length: 255 }, (_, at) => at + 1),
    });
    if (status === 0) return way;
    said.push(stderr.trim());
  }
  throw noWay(dir, said);
}

/** What each way asks of the machine, without a room. */
const trials: Readonly<Record<Way, readonly string[]>> = {
  root: ["unshare", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "true"],
  bubblewrap: ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"],
  user: ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "true"],
};

/** By which way this machine would let programs into a room; nothing if by none. */
export async function wayHere(): Promise<Way | undefined> {
  for (const way of ways) {
    const [program, ...args] = trials[way];
    const { status } = await run(program!, args, {
      purpose: "look at this machine",
      timeLimit_s: probeLimit_s,
      accept: Array.from({ length: 255 }, (_, at) => at + 1),
    });
    if (status === 0) return way;
  }
}

/** What keeps programs out, as a sentence. */
export function noWay(dir: string, said: readonly string[]): LabError {
  if (said.some((text) => /(chroot|env|execvp).*Permission denied/.test(text))) {
    return new LabError(
      `Cannot enter the room that builds run in: programs in ${dir} may not be run, its file system is ` +
        "mounted noexec",
      "Set XDG_CACHE_HOME to a folder on another file system",
    );
  }
  const last = said.flatMap((text) => text.split("\n")).filter((line) => line !== "").at(-1);
  return new LabError(
    "Cannot enter the room that builds run in: this machine lets this user make no namespaces" +
      (last === undefined ? "" : ` (${last})`),
    "Install bubblewrap; or have root allow namespaces of users (sysctl user.max_user_namespaces, " +
      "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns); or run as root; " +
      "or bring built parts from elsewhere: ./lab bundle import FILE",
  );
}
