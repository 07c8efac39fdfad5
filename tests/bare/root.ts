// SPDX-License-Identifier: Apache-2.0
/**
 * A bare Debian 13 for tests: what every Debian has, curl and certificates; no compiler, no npm, no xz.
 * Like the room that builds run in it is made of locked packages, whose scripts are not run.
 */
import { join } from "@std/path";
import { sha256OfJson } from "../../base/digest.ts";
import { run, type RunResult } from "../../base/process.ts";
import type { Report } from "../../base/report.ts";
import type { ClosureLock } from "../../debian/closures.ts";
import { fetchDebs } from "../../debian/debian.ts";
import { unpackPackages } from "../../debian/packages.ts";
import { cached } from "../../store/cache.ts";
import content from "./root.lock.json" with { type: "json" };

const lock = content as ClosureLock;
const what = "a bare Debian 13";
const needs_mib = 400;

/** An ordinary user, who is known there. */
export const ada = 1000;

/** What the packages' scripts would have made. */
const files: Readonly<Record<string, string>> = {
  "etc/passwd": `root:x:0:0:root:/root:/bin/sh\nada:x:${ada}:${ada}::/home/ada:/bin/sh\n`,
  "etc/group": `root:x:0:\nada:x:${ada}:\n`,
  /* What the machine has for a name server is seen at its place. */
  "etc/resolv.conf": "",
};

/** The same, of folders. */
const folders = ["dev", "home", "proc", "root", "sys", "tmp"];

const script = join(import.meta.dirname!, "enter.sh");

/** The folder, from the cache or made now: 31 MiB to fetch. */
async function bareRoot(report: Report): Promise<string> {
  const debs = await fetchDebs(lock.packages, { release: lock.release!, report });
  const digest = sha256OfJson({ files, folders, packages: debs.map(({ sha256 }) => sha256) });
  const entry = await cached("bare-root", digest, async (dir) => {
    report(`unpacking ${what}`);
    await unpackPackages(debs.map(({ path }) => path), dir);
    for (const name of folders) await Deno.mkdir(join(dir, name), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(dir, name), text);
    }
  }, { what, needs_mib, report });
  return entry.dir;
}

/** How somebody is there. */
export interface Visit {
  user: number;
  /** The machine's, with what names its name server and whom it trusts. */
  network: boolean;
  /** What can be changed, and what is only seen: places there, and the folders of this machine. */
  write: Readonly<Record<string, string>>;
  read?: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string>>;
  /** Where the program begins. */
  cwd: string;
  timeLimit_s: number;
  report: Report;
}

/** Runs a program there, whatever its exit status. */
export async function inBareRoot(
  [program, ...args]: readonly [string, ...string[]],
  { user, network, write, read = {}, env, cwd, timeLimit_s, report }: Visit,
): Promise<RunResult> {
  const outside = ["/etc/resolv.conf", "/etc/ssl/certs"];
  const seen = {
    ...read,
    ...(network ? Object.fromEntries(outside.map((path) => [path, path])) : {}),
  };
  const views = (word: string, places: Readonly<Record<string, string>>) =>
    Object.entries(places).flatMap(([inside, path]) => [word, path, inside]);
  const words = [await bareRoot(report), String(user), network ? "yes" : "no"];
  return await run(program, args, {
    within: [
      ...["sh", script, ...words, ...views("rw", write), ...views("ro", seen), "--"],
      ...[
        "env",
        `--chdir=${cwd}`,
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ],
    ],
    purpose: `run ${program} on ${what}`,
    timeLimit_s,
    accept: Array.from({ length: 255 }, (_, at) => at + 1),
  });
}
