// SPDX-License-Identifier: Apache-2.0
/**
 * The images: for each workload, and each choice of the guests' kernels, one archive that the
 * emulated host boots from. It holds the agent, the VMM with its firmware, and what the guests run:
 * kernel, init and disk. A trial only adds its plan behind it (the kernel unpacks concatenated
 * archives one after the other).
 */
import { basename, join } from "@std/path";
import type { BuiltEmulator } from "../emulator/qemu/build.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import { cached } from "../store/cache.ts";
import { filesBelow, sha256OfFile, sha256OfJson } from "../base/digest.ts";
import type { Report } from "../base/report.ts";
import { type NamedWorkload, workloadByName, workloadNames } from "../workloads/workload.ts";
import { cpio, type Entry } from "./cpio.ts";
import { buildDisk, type BuiltDisk } from "./disk.ts";
import { buildAgent, buildGuestInit } from "./programs.ts";

const recipeVersion = 1;

export interface BuiltImage {
  workload: string;
  /** Lines of the guests' kernels, joined by "+": guests have them in turn. */
  guestKernel: string;
  /** The archive. */
  path: string;
  /** Digest of the archive's bytes. */
  sha256: string;
  /** Where the guests' disk lies in it, if they have one. */
  disk: string | undefined;
  drift: boolean;
  /** "name version" of each package on the disk. */
  packages: string[];
  /** Digest of each file in it, by its path. */
  contents: Record<string, string>;
}

/** What images are made of besides their workloads. */
export interface ImageParts {
  /** By line. */
  guestKernels: ReadonlyMap<string, BuiltKernel>;
  emulator: BuiltEmulator;
}

/** Which image is meant. */
export interface ImageRequest {
  workload: string;
  guestKernel: string;
}

const diskPath = "disk.erofs";

/** Several images, in the order of the requests. */
export async function buildImages(
  requests: readonly ImageRequest[],
  parts: ImageParts,
  report: Report,
): Promise<BuiltImage[]> {
  const images: BuiltImage[] = [];
  for (const { workload, guestKernel } of requests) {
    images.push(await buildImage(await workloadByName(workload), guestKernel, parts, report));
  }
  return images;
}

/** One of each workload, all guests with the same kernel. */
export async function requestsForAll(guestKernel: string): Promise<ImageRequest[]> {
  return (await workloadNames()).map((workload) => ({ workload, guestKernel }));
}

/**
 * @throws {LabError} when something of it cannot be fetched, compiled or packed.
 */
export async function buildImage(
  workload: NamedWorkload,
  guestKernel: string,
  parts: ImageParts,
  report: Report,
): Promise<BuiltImage> {
  const disk = await buildDisk(workload, report);
  const files = await filesOf(workload, guestKernel, parts, disk, report);
  const contents = await Promise.all(
    files.map(async ({ path, source }) => [path, await sha256OfFile(source)] as const),
  );
  const digest = sha256OfJson({ recipeVersion, files: contents });
  const what = `the image for ${workload.name}`;
  const entry = await cached("image", digest, async (dir) => {
    report(`packing ${what}`);
    const entries: Entry[] = mountPoints.map((path) => ({ path }));
    for (const { path, source, executable } of files) {
      entries.push({ path, data: await Deno.readFile(source), executable: executable ?? false });
    }
    await Deno.writeFile(join(dir, "host.cpio"), cpio(entries));
  }, { what, needs_mib: 100, report });
  const path = join(entry.dir, "host.cpio");
  return {
    workload: workload.name,
    guestKernel,
    path,
    sha256: await sha256OfFile(path),
    disk: disk === undefined ? undefined : `/${diskPath}`,
    drift: disk?.drift ?? false,
    packages: disk?.packages ?? [],
    contents: Object.fromEntries(contents),
  };
}

const mountPoints = ["dev", "proc", "run", "sys", "tmp"];

interface PackedFile {
  path: string;
  source: string;
  executable?: boolean;
}

async function filesOf(
  workload: NamedWorkload,
  guestKernel: string,
  { guestKernels, emulator }: ImageParts,
  disk: BuiltDisk | undefined,
  report: Report,
): Promise<PackedFile[]> {
  const firmware = await filesBelow(emulator.firmwareDir);
  return [
    { path: "init", source: await buildAgent(report), executable: true },
    { path: "vmm", source: emulator.qemu, executable: true },
    ...firmware.map((name) => ({
      path: `firmware/${name}`,
      source: join(emulator.firmwareDir, name),
    })),
    ...guestKernel.split("+").map((name) => ({
      path: `guest/vmlinux-${name}`,
      source: guestKernels.get(name)!.vmlinux,
    })),
    ...await guestArchives(workload, guestKernel, guestKernels, report),
    ...(workload.processes === true
      ? [{
        path: "guest/program",
        source: await buildGuestInit(workload, report),
        executable: true,
      }]
      : []),
    ...(disk === undefined ? [] : [{ path: diskPath, source: disk.path }]),
  ];
}

/** The guests' archives: one for all kernels that need nothing, and one for each that needs modules. */
async function guestArchives(
  workload: NamedWorkload,
  guestKernel: string,
  guestKernels: ImageParts["guestKernels"],
  report: Report,
): Promise<PackedFile[]> {
  const archives = new Map<string, string[]>();
  for (const name of guestKernel.split("+")) {
    const { modules } = guestKernels.get(name)!;
    archives.set(modules === undefined ? "guest/initrd" : `guest/initrd-${name}`, modules ?? []);
  }
  return await Promise.all([...archives].map(async ([path, modules]) => {
    return { path, source: await buildGuestInitrd(workload, modules, report) };
  }));
}

/** A guest's own archive, with nothing in it but its init and the modules that it loads. */
async function buildGuestInitrd(
  workload: NamedWorkload,
  modules: readonly string[],
  report: Report,
): Promise<string> {
  const init = await buildGuestInit(workload, report);
  const digest = sha256OfJson({
    recipeVersion,
    init: await sha256OfFile(init),
    ...(modules.length === 0 ? {} : { modules: await Promise.all(modules.map(sha256OfFile)) }),
  });
  const what = `the guest's archive for ${workload.name}`;
  const entry = await cached("guest-image", digest, async (dir) => {
    const entries: Entry[] = [
      { path: "dev" },
      { path: "init", data: await Deno.readFile(init), executable: true },
    ];
    for (const module of modules) {
      entries.push({ path: `modules/${basename(module)}`, data: await Deno.readFile(module) });
    }
    await Deno.writeFile(join(dir, "initrd.cpio"), cpio(entries));
  }, { what, needs_mib: 50, report });
  return join(entry.dir, "initrd.cpio");
}
