// SPDX-License-Identifier: Apache-2.0
/** Digests of all that trials in the emulated host depend on. */
import { join } from "@std/path";
import { filesBelow, sha256OfFile, sha256OfJson } from "../../base/digest.ts";
import { defaultSettings, type Settings } from "../../contract/settings.ts";
import type { Input, InputDigests } from "../../contract/trial.ts";
import { compilerSays } from "../../debian/room.ts";
import { lockedSysrootDigest, lockedSysrootPackages } from "../../debian/sysroot.ts";
import type { BuiltBochs } from "../../emulator/bochs/build.ts";
import type { BuiltEmulator } from "../../emulator/qemu/build.ts";
import type { BuiltImage } from "../../images/build.ts";
import type { BuiltKernel } from "../../kernel/build.ts";
import { emulatorOf } from "./host_boot.ts";
import { machineOf } from "./machine.ts";
import { type Parts, partsOf } from "./parts.ts";

/** What is there, described for a run and for the identities of its trials. */
export interface PartInputs {
  /** Compiler and libraries, as inputs by name. */
  builtWith: Record<string, Input>;
  inputsOf: (settings: Settings) => InputDigests;
  /** All inputs of the run by name, for the record. */
  inputs: Record<string, Input>;
  drift: boolean;
  /** Wall seconds of each part that was built now. */
  built_s: Record<string, number>;
  /** Size of each image, bytes. */
  imageSizes: ReadonlyMap<BuiltImage, number>;
}

/** Takes the digests of what is there. */
export async function describeParts(
  parts: Parts,
  builtWith: Record<string, Input>,
): Promise<PartInputs> {
  const { hosts, guestKernels, emulator, bochs, images } = parts;
  const hostKernels = [...hosts.values()];
  const imageSizes = new Map(
    await Promise.all(
      images.map(async (image) => [image, (await Deno.stat(image.path)).size] as const),
    ),
  );
  const digests = await digestsOf([...guestKernels.values(), ...hostKernels], emulator, bochs);

  return {
    builtWith,
    imageSizes,
    inputsOf: (settings) => {
      const { hostKernel, image } = partsOf(parts, settings);
      return {
        kernel: digests.kernels.get(hostKernel)!,
        ...programOf(digests, settings),
        image: image.sha256,
        machine: sha256OfJson(machineOf(settings, imageSizes.get(image)!)),
      };
    },
    inputs: {
      ...describeInputs(parts, digests),
      machine: machineInput(),
      ...builtWith,
    },
    drift: [
      ...guestKernels.values(),
      emulator,
      ...hostKernels,
      ...images,
      ...(bochs ? [bochs] : []),
    ]
      .some(({ drift }) => drift),
    built_s: Object.fromEntries(
      [
        ["emulator", emulator] as const,
        ...(bochs === undefined ? [] : [["emulator Bochs", bochs] as const]),
        ...[...guestKernels].map(([line, kernel]) => [`guest kernel ${line}`, kernel] as const),
        ...[...hosts].map(([name, kernel]) => [`host kernel ${name}`, kernel] as const),
      ].filter(([, { built }]) => built).map(([name, { seconds }]) => [name, seconds]),
    ),
  };
}

/** Of an emulator. */
interface ProgramDigests {
  emulator: string;
  firmware: string;
}

interface Digests extends ProgramDigests {
  kernels: Map<BuiltKernel, string>;
  bochs: ProgramDigests | undefined;
}

/** Of the one that emulates such a host. */
function programOf({ emulator, firmware, bochs }: Digests, settings: Settings): ProgramDigests {
  return emulatorOf(settings) === "QEMU" ? { emulator, firmware } : bochs!;
}

/** Of what was built, not of what it was built from: the bits are what a trial depends on. */
async function digestsOf(
  kernels: readonly BuiltKernel[],
  emulator: BuiltEmulator,
  bochs: BuiltBochs | undefined,
): Promise<Digests> {
  const firmware = await filesBelow(emulator.firmwareDir);
  return {
    kernels: new Map(
      await Promise.all(
        kernels.map(async (kernel) => [kernel, await sha256OfFile(kernel.vmlinux)] as const),
      ),
    ),
    emulator: await sha256OfFile(emulator.qemu),
    bochs: bochs && {
      emulator: await sha256OfFile(bochs.bochs),
      firmware: await sha256OfFile(bochs.rom),
    },
    firmware: sha256OfJson(
      await Promise.all(
        firmware.map(async (name) => [name, await sha256OfFile(join(emulator.firmwareDir, name))]),
      ),
    ),
  };
}

/** Where an image has it; for kernels that need modules their names follow, behind a dash. */
const guestArchive = "guest/initrd";

/** The archive, and what in it is not an input of its own name. */
function inputsOfImage(image: BuiltImage): [string, Input][] {
  const { workload, guestKernel, sha256, packages, contents } = image;
  const inputs: [string, Input][] = [[`image ${workload}, guests ${guestKernel}`, {
    digest: sha256,
    version: packages.join(", ") || "no packages",
  }]];
  const add = (name: string, path: string) =>
    inputs.push([name, { digest: contents[path]!, version: "of this lab" }]);
  add("agent", "init");
  for (const path of Object.keys(contents).filter((path) => path.startsWith(guestArchive))) {
    add(`guest archive ${workload}${path.slice(guestArchive.length).replace("-", " ")}`, path);
  }
  return inputs;
}

/** The emulated machine as it is by default; where settings change it, they say so. */
function machineInput(): Input {
  const options = machineOf({ ...defaultSettings, workload: "" }, 0);
  return { digest: sha256OfJson(options), version: options.join(" ") };
}

/** What the parts were built with. It counts by what it makes: the bits of the parts. */
export function builtWith(): Record<string, Input> {
  return {
    compiler: {
      digest: sha256OfJson(compilerSays),
      version: Object.values(compilerSays).join(", "),
    },
    libraries: { digest: lockedSysrootDigest(), version: lockedSysrootPackages().join(", ") },
  };
}

function describeInputs(
  { hosts, guestKernels, emulator, bochs, images }: Parts,
  digests: Digests,
): Record<string, Input> {
  const named = (kind: string, kernels: ReadonlyMap<string, BuiltKernel>) =>
    [...kernels].map(([name, kernel]) => {
      const digest = digests.kernels.get(kernel)!;
      return [`${kind} ${name}`, { digest, version: kernel.version }] as const;
    });
  return {
    ...Object.fromEntries([...named("host kernel", hosts), ...named("guest kernel", guestKernels)]),
    emulator: { digest: digests.emulator, version: emulator.version },
    firmware: { digest: digests.firmware, version: emulator.version },
    ...(bochs === undefined ? {} : {
      "emulator Bochs": { digest: digests.bochs!.emulator, version: bochs.version },
      "firmware Bochs": { digest: digests.bochs!.firmware, version: "of this lab" },
    }),
    ...Object.fromEntries(images.flatMap(inputsOfImage)),
  };
}
