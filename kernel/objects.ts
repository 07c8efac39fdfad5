// SPDX-License-Identifier: Apache-2.0
/**
 * Where kernels are compiled. Stock and patched kernels of one line share their objects: what is
 * kept of one build saves the next all that the patches do not touch. make(1) decides by time, so
 * each patched file gets a time that says whether it differs from what the objects were made of.
 */
import { join } from "@std/path";
import { cacheRoot, newLog, withScratch } from "../store/cache.ts";
import type { FetchedDeb } from "../debian/debian.ts";
import { sha256OfFile } from "../base/digest.ts";
import { exists, removeIfThere, withLock, writeAtomically } from "../base/files.ts";
import { fasterCompilers } from "../debian/huge_pages.ts";
import { pathsIn } from "../debian/patches.ts";
import { runInRoom } from "../debian/room.ts";
import type { Report } from "../base/report.ts";
import { withCompileJobs } from "../debian/compile_jobs.ts";
import { requireAll } from "./config.ts";
import { patchedCopy, withTree } from "./source.ts";
import {
  digestOf,
  fixedSettings,
  type KernelInputs,
  objectsDigestOf,
  sourcePlace,
} from "./variants.ts";

/** On a machine that does much else an hour was seen not to be enough. */
const buildLimit_s = 6 * 3600;

/**
 * A script that looks for static symbols that are exported runs for each object; it changes none,
 * and takes a tenth of the time.
 */
const shortcuts = ["cmd_check_local_export=true"];

/** Where objects are in the room. */
export const objectsPlace = "/build/objects";

/** A configured source tree with its objects apart. */
export interface Workshop {
  source: string;
  objects: string;
  /** Runs make(1) in it, `-j` included; the objects are at {@linkcode objectsPlace} then. */
  make: (...targets: string[]) => Promise<void>;
}

/** What the kept objects were made of, where that is not the source as it was published. */
type PatchedFiles = Record<string, string>;

/** One kernel to compile. */
export interface KernelJob {
  deb: FetchedDeb;
  inputs: KernelInputs;
  /** For messages: "the patched 6.1 kernel". */
  what: string;
  report: Report;
}

/**
 * Compiles `vmlinux` and hands over the place where that was done.
 *
 * @throws {LabError} when a patch does not apply, an option is lost or the compiler fails.
 */
export function withVmlinux<T>(
  job: KernelJob,
  use: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const compileIn = job.inputs.keepsObjects ? inKeptObjects : inNewObjects;
  return withTree(job.deb, job.report, (tree) => compileIn(tree, job, use));
}

/** For kernels without patches: they need no copy of the tree. */
function inNewObjects<T>(
  tree: string,
  job: KernelJob,
  use: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const name = `kernel-build-${digestOf(job.inputs, job.deb.sha256).slice(0, 12)}`;
  return withScratch(name, async (objects) => await use(await compile(tree, objects, job)));
}

function inKeptObjects<T>(
  tree: string,
  job: KernelJob,
  use: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const { deb, inputs, what, report } = job;
  const key = objectsDigestOf(inputs, deb.sha256).slice(0, 12);
  const kept = join(cacheRoot(), "kernel-objects", key);
  const state = join(kept, "patched-files.json");
  const lock = join(cacheRoot(), "locks", `kernel-objects-${key}`);
  /* Always the same place: objects know the path of their source. */
  return withLock(lock, () =>
    withScratch(`kernel-source-${key}`, async (scratch) => {
      const source = join(scratch, "source");
      const objects = join(kept, "objects");
      await patchedCopy(tree, source, inputs.patches, deb.drift, report);
      const now = await patchedFilesOf(source, inputs.patches);
      const before = await readState(state);
      if (before === undefined) {
        await removeIfThere(kept);
        await Deno.mkdir(objects, { recursive: true });
      } else {
        await setTimes(tree, source, before, now);
      }
      /* Objects of a build that does not end cannot be relied on. */
      await removeIfThere(state);
      const workshop = await compile(source, objects, job);
      await writeAtomically(state, JSON.stringify(now, null, 2) + "\n");
      return await use(workshop);
    }), () => report(`Waiting for another kernel that shares its objects with ${what}`));
}

async function compile(
  source: string,
  objects: string,
  { deb, inputs, what, report }: KernelJob,
): Promise<Workshop> {
  const make = await makeIn(source, objects, {
    settings: [...shortcuts, ...inputs.settings ?? []],
    what,
    log: await newLog(`kernel-${digestOf(inputs, deb.sha256).slice(0, 12)}`),
    timeLimit_s: buildLimit_s,
  }, report);
  report(`configuring ${what}`);
  await configure(objects, inputs, make);
  report(`compiling ${what}`);
  await make("vmlinux");
  return { source, objects, make };
}

/**
 * How make(1) is called in a kernel's source, with its objects apart. Only these can be written to, or
 * all of `folder`, where it is given and holds both as "source" and "objects".
 */
export async function makeIn(
  source: string,
  objects: string,
  options: {
    settings: readonly string[];
    what: string;
    log: string;
    timeLimit_s: number;
    folder?: string;
  },
  report: Report,
): Promise<Workshop["make"]> {
  const { settings, what, log, timeLimit_s, folder } = options;
  const common = [
    "-C",
    sourcePlace,
    `O=${objectsPlace}`,
    ...fixedSettings,
    ...settings,
  ];
  const { env, read } = await fasterCompilers(report);
  const view = folder === undefined
    ? { read: { ...read, [sourcePlace]: source }, write: { [objectsPlace]: objects } }
    : { read, write: { "/build": folder } };
  return async (...targets) => {
    await withCompileJobs(what, report, async (jobs) => {
      await runInRoom("make", [...common, `-j${jobs}`, ...targets], view, {
        report,
        purpose: `build ${what}`,
        timeLimit_s,
        env,
        log,
      });
    });
  };
}

/** What the fragment does not ask for is off, also what would be on by default. */
async function configure(
  objects: string,
  { fragment, fragmentName }: KernelInputs,
  make: Workshop["make"],
): Promise<void> {
  const name = "fragment.config";
  await Deno.writeTextFile(join(objects, name), fragment);
  await make(`KCONFIG_ALLCONFIG=${objectsPlace}/${name}`, "allnoconfig");
  requireAll(fragment, await Deno.readTextFile(join(objects, ".config")), fragmentName);
}

async function readState(path: string): Promise<PatchedFiles | undefined> {
  return await exists(path) ? JSON.parse(await Deno.readTextFile(path)) : undefined;
}

async function patchedFilesOf(
  source: string,
  patches: readonly string[],
): Promise<PatchedFiles> {
  const files: PatchedFiles = {};
  for (const path of await pathsIn(patches)) {
    if (await exists(join(source, path))) files[path] = await sha256OfFile(join(source, path));
  }
  return files;
}

/**
 * A file with the content that the objects were made of gets the time it was published with, and
 * any other the present time.
 */
async function setTimes(
  tree: string,
  source: string,
  before: PatchedFiles,
  now: PatchedFiles,
): Promise<void> {
  for (const path of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const target = join(source, path);
    if (!await exists(target)) continue;
    if (before[path] === now[path] && await exists(join(tree, path))) {
      const { mtime } = await Deno.stat(join(tree, path));
      await Deno.utime(target, mtime!, mtime!);
    } else if (now[path] === undefined) {
      /* The published file, which the copy shares with the tree: a file of its own is newer. */
      const content = await Deno.readFile(target);
      await Deno.remove(target);
      await Deno.writeFile(target, content);
    }
  }
}
