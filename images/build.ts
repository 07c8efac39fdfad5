/**
 * The images: for each workload one archive that the emulated host boots from. It holds the agent,
 * the VMM with its firmware, and what the guests run: kernel, init and disk. A trial only adds its
 * plan behind it (the kernel unpacks concatenated archives one after the other).
 */
import { join } from "@std/path";
import type { BuiltEmulator } from "../emulator/build.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import { cached } from "../support/cache.ts";
import { filesBelow, sha256OfFile, sha256OfJson } from "../support/digest.ts";
import type { Report } from "../support/report.ts";
import { type NamedWorkload, workloadByName, workloadNames } from "../workloads/workload.ts";
import { cpio, type Entry } from "./cpio.ts";
import { buildDisk, type BuiltDisk } from "./disk.ts";
import { buildAgent, buildGuestInit } from "./programs.ts";

const recipeVersion = 1;

export interface BuiltImage {
  workload: string;
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

/** What an image is made of besides its workload. */
export interface ImageParts {
  guestKernel: BuiltKernel;
  emulator: BuiltEmulator;
}

const diskPath = "disk.erofs";

/** The images of several workloads; all of them if none is named. */
export async function buildImages(
  parts: ImageParts,
  report: Report,
  names?: readonly string[],
): Promise<BuiltImage[]> {
  const images: BuiltImage[] = [];
  for (const name of names ?? await workloadNames()) {
    images.push(await buildImage(await workloadByName(name), parts, report));
  }
  return images;
}

/**
 * @throws {LabError} when something of it cannot be fetched, compiled or packed.
 */
export async function buildImage(
  workload: NamedWorkload,
  parts: ImageParts,
  report: Report,
): Promise<BuiltImage> {
  const disk = await buildDisk(workload, report);
  const files = await filesOf(workload, parts, disk, report);
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
  { guestKernel, emulator }: ImageParts,
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
    { path: "guest/vmlinux", source: guestKernel.vmlinux },
    { path: "guest/initrd", source: await buildGuestInitrd(workload, report) },
    ...(disk === undefined ? [] : [{ path: diskPath, source: disk.path }]),
  ];
}

/** The guest's own archive, with nothing in it but its init. */
async function buildGuestInitrd(workload: NamedWorkload, report: Report): Promise<string> {
  const init = await buildGuestInit(workload, report);
  const digest = sha256OfJson({ recipeVersion, init: await sha256OfFile(init) });
  const what = `the guest's archive for ${workload.name}`;
  const entry = await cached("guest-image", digest, async (dir) => {
    const entries = [
      { path: "dev" },
      { path: "init", data: await Deno.readFile(init), executable: true },
    ];
    await Deno.writeFile(join(dir, "initrd.cpio"), cpio(entries));
  }, { what, needs_mib: 50, report });
  return join(entry.dir, "initrd.cpio");
}
