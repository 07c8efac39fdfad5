// SPDX-License-Identifier: Apache-2.0
/**
 * The binaries of a run in a pack: what was built goes in, and comes out as parts that trials can be
 * carried out on without building anything.
 */
import { join } from "@std/path";
import { z } from "zod";
import { EmulatedHost } from "../hosts/emulated/host.ts";
import { describeParts } from "../hosts/emulated/inputs.ts";
import type { Parts } from "../hosts/emulated/parts.ts";
import type { ImageRequest } from "../images/build.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { copyInto } from "./files.ts";

/** Paths in a pack, all below this one. */
const binariesFolder = "binaries";

export const emulatorPath = `${binariesFolder}/emulator/qemu-system-x86_64`;
export const firmwarePath = `${binariesFolder}/emulator/firmware`;

/** Where a host kernel lies, by its "LINE VARIANT". */
export function hostKernelPath(name: string): string {
  return `${binariesFolder}/host-kernel-${name.replaceAll(" ", "-")}`;
}

export function imagePath({ workload, guestKernel }: ImageRequest): string {
  return `${binariesFolder}/image-${workload}-${fileName(guestKernel)}/host.cpio`;
}

function guestKernelPath(line: string): string {
  return `${binariesFolder}/guest-kernel-${fileName(line)}`;
}

/** Lines of kernels are joined by "+", which a path need not have. */
function fileName(lines: string): string {
  return lines.replaceAll("+", "-");
}

const descriptionPath = `${binariesFolder}/binaries.json`;

const version = z.string().min(1);
/** "6.1" or "debian-6.1", or several of them joined by "+". */
const lines = z.string().regex(/^(debian-)?[\d.]+(\+(debian-)?[\d.]+)*$/);
/** Becomes a part of a path. */
const name = z.string().regex(/^[\w][\w .-]*$/);

const descriptionType = z.object({
  hostKernels: z.record(name, z.object({ version })),
  guestKernels: z.record(lines, z.object({ version })),
  emulator: z.object({ version }),
  images: z.array(z.object({
    workload: name,
    guestKernel: lines,
    disk: z.string().nullable(),
    packages: z.array(z.string()),
    contents: z.record(z.string(), z.string()),
  })),
  builtWith: z.record(z.string(), z.object({ digest: z.string(), version: z.string() })),
  drift: z.boolean(),
});

/** Copies what a run runs on into a pack's folder. */
export async function packBinaries(
  { parts, described: { drift, builtWith } }: EmulatedHost,
  folder: string,
): Promise<void> {
  const { hosts, guestKernels, emulator, images } = parts;
  for (const [name, kernel] of hosts) await packKernel(kernel, join(folder, hostKernelPath(name)));
  for (const [line, kernel] of guestKernels) {
    await packKernel(kernel, join(folder, guestKernelPath(line)));
  }
  await copyInto(emulator.qemu, join(folder, emulatorPath));
  for (const rom of await filesBelow(emulator.firmwareDir)) {
    await copyInto(join(emulator.firmwareDir, rom), join(folder, firmwarePath, rom));
  }
  for (const image of images) await copyInto(image.path, join(folder, imagePath(image)));
  const description: z.infer<typeof descriptionType> = {
    hostKernels: versionsOf(hosts),
    guestKernels: versionsOf(guestKernels),
    emulator: { version: emulator.version },
    images: images.map(({ workload, guestKernel, disk, packages, contents }) => ({
      ...{ workload, guestKernel, disk: disk ?? null, packages, contents },
    })),
    ...{ builtWith, drift },
  };
  const text = JSON.stringify(description, null, 1) + "\n";
  await Deno.writeTextFile(join(folder, descriptionPath), text);
}

function versionsOf(
  kernels: ReadonlyMap<string, BuiltKernel>,
): Record<string, { version: string }> {
  return Object.fromEntries([...kernels].map(([name, { version }]) => [name, { version }]));
}

async function packKernel(
  { vmlinux, config, systemMap }: BuiltKernel,
  folder: string,
): Promise<void> {
  await copyInto(vmlinux, join(folder, "vmlinux"));
  await copyInto(config, join(folder, "config"));
  await copyInto(systemMap, join(folder, "System.map"));
}

/**
 * A host that runs on the parts in an unpacked pack.
 *
 * @throws {LabError} if one is missing or their description is not in the format.
 */
export async function packedHost(folder: string): Promise<EmulatedHost> {
  const description = await readDescription(folder);
  const { hostKernels, guestKernels, emulator, images, builtWith, drift } = description;
  const kernelsIn = (
    versions: Readonly<Record<string, { version: string }>>,
    pathOf: (name: string) => string,
  ) =>
    new Map(
      Object.entries(versions).map(([name, { version }]) => [
        name,
        kernelIn(join(folder, pathOf(name)), version, drift),
      ]),
    );
  const parts: Parts = {
    hosts: kernelsIn(hostKernels, hostKernelPath),
    guestKernels: kernelsIn(guestKernels, guestKernelPath),
    emulator: {
      ...asBuilt(join(folder, binariesFolder, "emulator"), drift),
      qemu: join(folder, emulatorPath),
      firmwareDir: join(folder, firmwarePath),
      version: emulator.version,
    },
    images: await Promise.all(images.map(async ({ disk, ...image }) => {
      const path = join(folder, imagePath(image));
      const sha256 = await sha256OfFile(path);
      return { ...image, path, sha256, disk: disk ?? undefined, drift };
    })),
  };
  return new EmulatedHost(parts, await describeParts(parts, builtWith));
}

async function readDescription(folder: string): Promise<z.infer<typeof descriptionType>> {
  try {
    const text = await Deno.readTextFile(join(folder, descriptionPath));
    return descriptionType.parse(JSON.parse(text));
  } catch (error) {
    throw new LabError(
      `Cannot use the binaries of this pack: ${descriptionPath} is missing or not in the format`,
      "Its script `reproduce` needs no lab",
      { cause: error },
    );
  }
}

function kernelIn(dir: string, version: string, drift: boolean): BuiltKernel {
  return {
    ...{ ...asBuilt(dir, drift), version },
    ...{ vmlinux: join(dir, "vmlinux"), config: join(dir, "config") },
    systemMap: join(dir, "System.map"),
  };
}

/** Nothing was built, so there is no digest of what it was built from. */
function asBuilt(dir: string, drift: boolean) {
  return { dir, digest: "", drift, seconds: 0, built: false };
}
