/**
 * Builds the kernels: from Debian's source by lock, with the series of patches and a configuration
 * fragment, out of tree, to the same bits wherever it is done with the same compiler.
 */
import { join } from "@std/path";
import { cached, type CacheEntry, findCached, newLog, withScratch } from "../support/cache.ts";
import { fetchDeb, type FetchedDeb, type LockedDeb } from "../support/debian.ts";
import { sha256OfFile, sha256OfJson } from "../support/digest.ts";
import { LabError } from "../support/errors.ts";
import { exists } from "../support/files.ts";
import { compilerEnvironment } from "../support/huge_pages.ts";
import { patchesIn } from "../support/patches.ts";
import { run } from "../support/process.ts";
import { type Report, reportToStderr } from "../support/report.ts";
import { compileJobs, toolchain } from "../support/toolchain.ts";
import { requireAll } from "./config.ts";
import lock from "./lock.json" with { type: "json" };
import { patchedCopy, withTree } from "./source.ts";

/** The kernel lines that the lock knows. */
export type KernelLine = keyof typeof lock;

/**
 * `patched` and `stock` are the host's kernel with and without the series, otherwise the same;
 * `guest` is what the guests run.
 */
export type KernelVariant = "patched" | "stock" | "guest";

export interface KernelRequest {
  line: KernelLine;
  variant: KernelVariant;
}

export interface BuiltKernel {
  /** Digest of everything it was built from. */
  digest: string;
  dir: string;
  /** Stripped ELF file that boots through PVH. */
  vmlinux: string;
  config: string;
  systemMap: string;
  /** As `uname -r` says it. */
  version: string;
  /** Built from another source version than the lock's. */
  drift: boolean;
  /** Wall time of this call. */
  seconds: number;
  /** Whether this call built it. */
  built: boolean;
}

/** Raised when the way of building changes in a manner that may change the result. */
const recipeVersion = 2;

/** Room for the objects of one kernel, its copy of the tree and the tree itself. */
const buildRoom_mib = 2000;

const buildLimit_s = 3600;

/** Nothing of where, when and by whom it is built may get into the kernel. */
const fixedSettings = [
  "KBUILD_BUILD_USER=samepage",
  "KBUILD_BUILD_HOST=lab",
  "KBUILD_BUILD_VERSION=1",
  "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970",
  "LOCALVERSION=-samepage",
];

/**
 * A script that looks for static symbols that are exported runs for each object; it changes none,
 * and takes a tenth of the time.
 */
const shortcuts = ["cmd_check_local_export=true"];

const here = import.meta.dirname!;

/** The lines that can be built, for messages and for checking input. */
export const kernelLines = Object.keys(lock) as KernelLine[];

/**
 * Gives a kernel, from the cache or built now. Kernels of one line that are asked for at the same
 * time share one unpacked source tree.
 *
 * @throws {LabError} when the source cannot be fetched, a patch does not apply, an option of the
 * fragment is lost, or the compiler fails.
 */
export async function buildKernel(
  request: KernelRequest,
  report: Report = reportToStderr,
): Promise<BuiltKernel> {
  const began_ms = performance.now();
  const locked = lock[request.line] as LockedDeb;
  const what = `the ${request.variant} ${request.line} kernel`;
  const inputs = await inputsOf(request);
  const done = (entry: CacheEntry, drift: boolean) =>
    describe(entry, drift, (performance.now() - began_ms) / 1000);

  const ready = await findCached("kernel", digestOf(inputs, locked.sha256), { what, report });
  if (ready !== undefined) return done(ready, false);

  const deb = await fetchDeb(locked, { report });
  const digest = digestOf(inputs, deb.sha256);
  const entry = await cached(
    "kernel",
    digest,
    (dir) => build(deb, inputs, digest, dir, what, report),
    { what, needs_mib: buildRoom_mib, report },
  );
  return done(entry, deb.drift);
}

/** Several kernels side by side, in the order of the requests. */
export function buildKernels(
  requests: readonly KernelRequest[],
  report: Report = reportToStderr,
): Promise<BuiltKernel[]> {
  return Promise.all(requests.map((request) => buildKernel(request, report)));
}

interface Inputs {
  fragment: string;
  fragmentSha256: string;
  patches: string[];
  patchesSha256: string[];
  tools: Record<string, string>;
}

async function inputsOf({ line, variant }: KernelRequest): Promise<Inputs> {
  const fragment = join(here, "config", variant === "guest" ? "guest.config" : "host.config");
  const patches = variant === "patched" ? await seriesOf(line) : [];
  return {
    fragment,
    fragmentSha256: await sha256OfFile(fragment),
    patches,
    patchesSha256: await Promise.all(patches.map(sha256OfFile)),
    tools: await toolchain(),
  };
}

async function seriesOf(line: KernelLine): Promise<string[]> {
  const dir = join(here, "series", line);
  if (!await exists(dir)) {
    throw new LabError(
      `Cannot build the patched ${line} kernel: there is no series for it in kernel/series/`,
      `Lines with a series: ${(await foldersIn(join(here, "series"))).join(", ")}`,
    );
  }
  return patchesIn(dir);
}

async function foldersIn(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(dir)) if (entry.isDirectory) names.push(entry.name);
  return names.sort();
}

function digestOf(inputs: Inputs, sourceSha256: string): string {
  const { fragmentSha256, patchesSha256, tools } = inputs;
  return sha256OfJson({
    recipeVersion,
    fixedSettings,
    sourceSha256,
    fragmentSha256,
    patchesSha256,
    tools,
  });
}

async function describe(entry: CacheEntry, drift: boolean, seconds: number): Promise<BuiltKernel> {
  const { digest, dir, built } = entry;
  return {
    digest,
    dir,
    vmlinux: join(dir, "vmlinux"),
    config: join(dir, "config"),
    systemMap: join(dir, "System.map"),
    version: (await Deno.readTextFile(join(dir, "release"))).trim(),
    drift,
    seconds,
    built,
  };
}

function build(
  deb: FetchedDeb,
  inputs: Inputs,
  digest: string,
  dir: string,
  what: string,
  report: Report,
): Promise<void> {
  return withTree(
    deb,
    report,
    (tree) =>
      withScratch(`kernel-build-${digest.slice(0, 12)}`, async (scratch) => {
        const log = await newLog(`kernel-${digest.slice(0, 12)}`);
        let source = tree;
        if (inputs.patches.length > 0) {
          source = join(scratch, "source");
          await patchedCopy(tree, source, inputs.patches, deb.drift, report);
        }
        const objects = join(scratch, "objects");
        await Deno.mkdir(objects);
        const env = await compilerEnvironment(report);
        const make = (...targets: string[]) =>
          run("make", ["-C", source, `O=${objects}`, ...fixedSettings, ...shortcuts, ...targets], {
            purpose: `build ${what}`,
            timeLimit_s: buildLimit_s,
            env,
            log,
          });
        report(`configuring ${what}`);
        /* What the fragment does not ask for is off, also what would be on by default. */
        await make(`KCONFIG_ALLCONFIG=${inputs.fragment}`, "allnoconfig");
        const config = await Deno.readTextFile(join(objects, ".config"));
        requireAll(await Deno.readTextFile(inputs.fragment), config, inputs.fragment);
        report(`compiling ${what}`);
        await make(`-j${compileJobs()}`, "vmlinux");
        await keep(objects, dir);
      }),
  );
}

/** The outputs: debugging symbols go, the Xen note that PVH boot needs stays. */
async function keep(objects: string, dir: string): Promise<void> {
  await run("strip", ["-s", "-o", join(dir, "vmlinux"), join(objects, "vmlinux")], {
    purpose: "strip the kernel",
    timeLimit_s: 60,
  });
  await Deno.copyFile(join(objects, ".config"), join(dir, "config"));
  await Deno.copyFile(join(objects, "System.map"), join(dir, "System.map"));
  await Deno.copyFile(join(objects, "include/config/kernel.release"), join(dir, "release"));
}
