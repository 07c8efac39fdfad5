/**
 * The binaries of a run in a pack: what was built goes in, and comes out as parts that trials can be
 * carried out on without building anything.
 */
import { join } from "@std/path";
import { z } from "zod";
import { type BuiltParts, describeParts, type Parts } from "../bench/build.ts";
import type { BuiltKernel } from "../kernel/build.ts";
import { filesBelow, sha256OfFile } from "../support/digest.ts";
import { LabError } from "../support/errors.ts";
import { copyInto } from "./files.ts";

/** Paths in a pack, all below this one. */
const binariesFolder = "binaries";

export const emulatorPath = `${binariesFolder}/emulator/qemu-system-x86_64`;
export const firmwarePath = `${binariesFolder}/emulator/firmware`;

/** Where a host kernel lies, by its "LINE VARIANT". */
export function hostKernelPath(name: string): string {
  return `${binariesFolder}/host-kernel-${name.replaceAll(" ", "-")}`;
}

export function imagePath(workload: string): string {
  return `${binariesFolder}/image-${workload}/host.cpio`;
}

const guestKernelPath = `${binariesFolder}/guest-kernel`;
const descriptionPath = `${binariesFolder}/binaries.json`;

const version = z.string().min(1);
/** Becomes a part of a path. */
const name = z.string().regex(/^[\w][\w .-]*$/);

const descriptionType = z.object({
  hostKernels: z.record(name, z.object({ version })),
  guestKernel: z.object({ version }),
  emulator: z.object({ version }),
  images: z.array(z.object({
    workload: name,
    disk: z.string().nullable(),
    packages: z.array(z.string()),
    contents: z.record(z.string(), z.string()),
  })),
  builtWith: z.record(z.string(), z.object({ digest: z.string(), version: z.string() })),
  drift: z.boolean(),
});

/** Copies what a run runs on into a pack's folder. */
export async function packBinaries(built: BuiltParts, folder: string): Promise<void> {
  const { parts, drift, builtWith } = built;
  const { hosts, guestKernel, emulator, images } = parts;
  for (const [name, kernel] of hosts) await packKernel(kernel, join(folder, hostKernelPath(name)));
  await packKernel(guestKernel, join(folder, guestKernelPath));
  await copyInto(emulator.qemu, join(folder, emulatorPath));
  for (const rom of await filesBelow(emulator.firmwareDir)) {
    await copyInto(join(emulator.firmwareDir, rom), join(folder, firmwarePath, rom));
  }
  for (const { workload, path } of images) await copyInto(path, join(folder, imagePath(workload)));
  const description: z.infer<typeof descriptionType> = {
    hostKernels: Object.fromEntries([...hosts].map(([name, { version }]) => [name, { version }])),
    guestKernel: { version: guestKernel.version },
    emulator: { version: emulator.version },
    images: images.map(({ workload, disk, packages, contents }) => ({
      ...{ workload, disk: disk ?? null, packages, contents },
    })),
    ...{ builtWith, drift },
  };
  const text = JSON.stringify(description, null, 1) + "\n";
  await Deno.writeTextFile(join(folder, descriptionPath), text);
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
 * The parts in an unpacked pack.
 *
 * @throws {LabError} if one is missing or their description is not in the format.
 */
export async function packedParts(folder: string): Promise<BuiltParts> {
  const description = await readDescription(folder);
  const { hostKernels, guestKernel, emulator, images, builtWith, drift } = description;
  const parts: Parts = {
    hosts: new Map(
      Object.entries(hostKernels).map(([name, { version }]) => [
        name,
        kernelIn(join(folder, hostKernelPath(name)), version, drift),
      ]),
    ),
    guestKernel: kernelIn(join(folder, guestKernelPath), guestKernel.version, drift),
    emulator: {
      ...asBuilt(join(folder, binariesFolder, "emulator"), drift),
      qemu: join(folder, emulatorPath),
      firmwareDir: join(folder, firmwarePath),
      version: emulator.version,
    },
    images: await Promise.all(images.map(async ({ workload, disk, packages, contents }) => {
      const path = join(folder, imagePath(workload));
      const sha256 = await sha256OfFile(path);
      return { workload, path, sha256, disk: disk ?? undefined, drift, packages, contents };
    })),
  };
  return await describeParts(parts, builtWith);
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
