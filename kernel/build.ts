// SPDX-License-Identifier: Apache-2.0
/**
 * Builds the kernels: from Debian's source by lock, with the series of patches and a configuration
 * fragment, out of tree, to the same bits wherever it is done with the same compiler.
 */
import { basename, join } from "@std/path";
import { cached, type CacheEntry, findCached } from "../store/cache.ts";
import { runInRoom } from "../debian/room.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import { fetchOfLine, lockOf } from "./lock.ts";
import { withVmlinux } from "./objects.ts";
import { digestOf, inputsOf, type KernelRequest } from "./variants.ts";

export interface BuiltKernel {
  /** Digest of everything it was built from. */
  digest: string;
  dir: string;
  /** What boots: a stripped ELF file, through PVH; of Debian's kernels its compressed image. */
  vmlinux: string;
  config: string;
  systemMap: string;
  /** Files of modules that a guest's init loads, in order, where it cannot do without. */
  modules?: string[];
  /** As `uname -r` says it. */
  version: string;
  /** Built from another source version than the lock's. */
  drift: boolean;
  /** Wall time of this call. */
  seconds: number;
  /** Whether this call built it. */
  built: boolean;
}

/** Room for the objects of one kernel, its copy of the tree and the tree itself. */
const buildRoom_mib = 2000;

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
  const locked = lockOf(request.line).source;
  const more = (request.more ?? []).map((path) => ` with ${basename(path)}`).join("");
  const what = `the ${request.variant} ${request.line} kernel${more}`;
  const inputs = await inputsOf(request);
  const done = (entry: CacheEntry, drift: boolean) =>
    describe(entry, drift, (performance.now() - began_ms) / 1000);

  const ready = await findCached("kernel", digestOf(inputs, locked.sha256), { what, report });
  if (ready !== undefined) return done(ready, false);

  const deb = await fetchOfLine(request.line, "source", report);
  const digest = digestOf(inputs, deb.sha256);
  const entry = await cached(
    "kernel",
    digest,
    (dir) => withVmlinux({ deb, inputs, what, report }, ({ objects }) => keep(objects, dir)),
    { what, needs_mib: buildRoom_mib, report },
  );
  return done(entry, deb.drift);
}

/** Whether the kernel of the lock is in the cache. */
export async function isKernelThere(request: KernelRequest): Promise<boolean> {
  const digest = digestOf(await inputsOf(request), lockOf(request.line).source.sha256);
  return await findCached("kernel", digest, { what: "", report: () => {} }) !== undefined;
}

/** Several kernels side by side, in the order of the requests. */
export function buildKernels(
  requests: readonly KernelRequest[],
  report: Report = reportToStderr,
): Promise<BuiltKernel[]> {
  return Promise.all(requests.map((request) => buildKernel(request, report)));
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

/** The outputs: debugging symbols go, the Xen note that PVH boot needs stays. */
async function keep(objects: string, dir: string): Promise<void> {
  await runInRoom(
    "strip",
    ["-s", "-o", "/out/vmlinux", "/in/objects/vmlinux"],
    { read: { "/in/objects": objects }, write: { "/out": dir } },
    { purpose: "strip the kernel", timeLimit_s: 60 },
  );
  await Deno.copyFile(join(objects, ".config"), join(dir, "config"));
  await Deno.copyFile(join(objects, "System.map"), join(dir, "System.map"));
  await Deno.copyFile(join(objects, "include/config/kernel.release"), join(dir, "release"));
}
