// SPDX-License-Identifier: Apache-2.0
/**
 * What the binaries of a pack were built from: the lab itself with its patches, configurations and
 * locks, and by name, version and digest what it takes from elsewhere.
 */
import { join } from "@std/path";
import emulatorLock from "../emulator/qemu/lock.json" with { type: "json" };
import {
  fetchDeb,
  fetchDebs,
  fetchSource,
  type LockedDeb,
  type LockedSource,
} from "../debian/debian.ts";
import { checkoutFiles } from "../base/checkout.ts";
import { debianPackage } from "../kernel/debian_kernel.ts";
import { isDebianKernel, lineOf } from "../kernel/lines.ts";
import { lockOf } from "../kernel/lock.ts";
import { LabError } from "../base/errors.ts";
import { compilerSays } from "../debian/room.ts";
import sysrootLock from "../debian/sysroot.lock.json" with { type: "json" };
import { workloadByName } from "../workloads/workload.ts";
import { copyInto, writeInto } from "./files.ts";

const root = join(import.meta.dirname!, "..");

/** Paths in a pack. */
const labFolder = "sources/lab";
const packagesFolder = "sources/packages";
const listPath = "sources/sources.json";

export interface Sources {
  /** Kernels' sources by line. */
  kernels: Record<string, LockedDeb>;
  /** Packages of Debian's own kernels, by the names that guests have them by. */
  debianKernels: Record<string, LockedDeb>;
  qemu: LockedSource;
  seabios: LockedDeb;
  /** Packages whose files are on the guests' disks, by workload. */
  disks: Record<string, LockedDeb[]>;
  /** Packages whose libraries are linked into the programs. */
  linked: LockedDeb[];
  /** Version lines of compiler, assembler and linker. */
  toolchain: Readonly<Record<string, string>>;
}

/**
 * All sources of a run's binaries.
 *
 * @param kernelNames lines of the host's and the guests' kernels, and names of Debian's own.
 */
export async function sourcesOf(
  kernelNames: readonly string[],
  workloads: readonly string[],
): Promise<Sources> {
  const debian = kernelNames.filter(isDebianKernel);
  const lines = new Set(kernelNames.map(lineOf));
  const disks: Record<string, LockedDeb[]> = {};
  for (const name of workloads) {
    disks[name] = [...(await workloadByName(name)).disk?.packages ?? []];
  }
  return {
    kernels: Object.fromEntries([...lines].sort().map((line) => [line, lockOf(line).source])),
    debianKernels: Object.fromEntries(debian.map((name) => [name, debianPackage(name)])),
    qemu: emulatorLock.qemu as LockedSource,
    seabios: emulatorLock.seabios as LockedDeb,
    disks,
    linked: sysrootLock as LockedDeb[],
    toolchain: compilerSays,
  };
}

/**
 * Copies the lab and, if asked for, the source packages of kernel and emulator into a pack's folder.
 *
 * @throws {LabError} if a source package is not to be had in the locked version.
 */
export async function packSources(
  sources: Sources,
  folder: string,
  complete: boolean,
): Promise<void> {
  await writeInto(join(folder, listPath), JSON.stringify(sources, null, 1) + "\n");
  for (const path of await checkoutFiles(root)) {
    if (path.startsWith("reports/")) continue;
    await copyInto(join(root, path), join(folder, labFolder, path));
  }
  if (!complete) return;
  for (const [name, { version }] of Object.entries(sources.debianKernels)) {
    requireSourceOf(name, version, sources.kernels[lineOf(name)]!);
  }
  for (const deb of Object.values(sources.kernels)) {
    const { path, drift } = await fetchDeb(deb);
    requireLocked(deb.name, drift);
    await copyInto(path, join(folder, packagesFolder, fileName(path)));
  }
  const { dir, drift } = await fetchSource(sources.qemu);
  requireLocked(sources.qemu.name, drift);
  for (const { name } of sources.qemu.files) {
    await copyInto(join(dir, name), join(folder, packagesFolder, name));
  }
}

function requireLocked(name: string, drift: boolean): void {
  if (!drift) return;
  throw new LabError(
    `Cannot pack the source of ${name}: the locked version is not to be had`,
    "Pack without --sources; the pack names the version",
  );
}

/** Debian builds its kernel and the package of its source from the same source. */
function requireSourceOf(name: string, version: string, source: LockedDeb): void {
  if (version === source.version) return;
  throw new LabError(
    `Cannot pack the source of ${name} ${version}: locked is ${source.name} ${source.version}`,
    "Move both to one version with ./lab lock update, or pack without --sources",
  );
}

/** "%3a" stands for the colon of an epoch, which some file systems cannot have. */
function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** All packages that are in binary form in a pack, fetched, for their licences. */
export function shippedPackages(sources: Sources) {
  const { seabios, linked, disks, debianKernels } = sources;
  const all = [...linked, ...Object.values(disks).flat(), ...Object.values(debianKernels), seabios];
  const byName = new Map(all.map((deb) => [deb.name, deb]));
  return fetchDebs([...byName.values()]);
}
