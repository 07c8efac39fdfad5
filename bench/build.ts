/** Builds, or takes from the cache, everything that the trials of an experiment run on. */
import { join } from "@std/path";
import { buildEmulator, type BuiltEmulator } from "../emulator/qemu/build.ts";
import { buildImages, type BuiltImage } from "../images/build.ts";
import { buildKernel, buildKernels, type BuiltKernel } from "../kernel/build.ts";
import { debianKernel, isDebianKernel } from "../kernel/debian_kernel.ts";
import type { KernelLine, KernelVariant } from "../kernel/variants.ts";
import { filesBelow, sha256OfFile, sha256OfJson } from "../base/digest.ts";
import type { Report } from "../base/report.ts";
import { lockedSysrootDigest, lockedSysrootPackages } from "../debian/sysroot.ts";
import { toolchain } from "../debian/toolchain.ts";
import { machineOf, type TrialParts } from "../hosts/emulated/emulated.ts";
import type { Factors } from "./experiment.ts";
import type { InputDigests } from "./plan.ts";
import type { Input } from "./input_changes.ts";
import { defaultSettings, guestLinesOf, type Settings } from "./settings.ts";

export interface BuiltParts {
  parts: Parts;
  /** Compiler and libraries, as inputs by name. */
  builtWith: Record<string, Input>;
  partsOf: (settings: Settings) => TrialParts;
  inputsOf: (settings: Settings) => InputDigests;
  /** All inputs of the run by name, for the record. */
  inputs: Record<string, Input>;
  drift: boolean;
  /** Wall seconds of each part that was built now. */
  built_s: Record<string, number>;
}

/**
 * @throws {LabError} when a source cannot be fetched or a build fails.
 */
export async function buildParts(factors: Factors, report: Report): Promise<BuiltParts> {
  const variants = new Set(
    factors.arm!.flatMap((arm) =>
      factors.debug_kernel!.map((debug_kernel) => variantOf({ arm, debug_kernel } as Settings))
    ),
  );
  const requests = factors.kernel!.flatMap((line) =>
    [...variants].map((variant) => ({ line: line as KernelLine, variant }))
  );
  const guestLevels = (factors.guest_kernel ?? [defaultSettings.guest_kernel]) as string[];
  const guestLines = [...new Set(guestLevels.flatMap(guestLinesOf))];
  /* Side by side: each build has a part in which it keeps a single core busy. */
  const [emulator, guests, hostKernels] = await Promise.all([
    buildEmulator(report),
    guestKernelsOf(guestLines, report),
    buildKernels(requests, report),
  ]);
  const guestKernels = new Map(guestLines.map((line, index) => [line, guests[index]!]));
  const images = await buildImages(
    (factors.workload as string[]).flatMap((workload) =>
      guestLevels.map((guestKernel) => ({ workload, guestKernel }))
    ),
    { guestKernels, emulator },
    report,
  );
  const hosts = new Map(
    requests.map(({ line, variant }, index) => [`${line} ${variant}`, hostKernels[index]!]),
  );
  const parts = { hosts, guestKernels, emulator, images };
  return await describeParts(parts, await builtWith());
}

/** The guests' kernels, in the order of their names. */
function guestKernelsOf(names: readonly string[], report: Report): Promise<BuiltKernel[]> {
  return Promise.all(
    names.map((name) =>
      isDebianKernel(name)
        ? debianKernel(name, report)
        : buildKernel({ line: name as KernelLine, variant: "guest" }, report)
    ),
  );
}

/** Which of the host's kernels has this arm. */
function variantOf({ arm, debug_kernel }: Settings): KernelVariant {
  if (arm === "stock") return "stock";
  return debug_kernel ? "debug" : "patched";
}

/** "LINE VARIANT": the name of the host's kernel that a trial with these settings runs on. */
export function hostKernelName(settings: Settings): string {
  return `${settings.kernel} ${variantOf(settings)}`;
}

/** Everything that trials run on: the host's kernels by "LINE VARIANT", and what is the same for all. */
export interface Parts {
  hosts: ReadonlyMap<string, BuiltKernel>;
  /** The guests' kernels, which are never patched, by line. */
  guestKernels: ReadonlyMap<string, BuiltKernel>;
  emulator: BuiltEmulator;
  images: readonly BuiltImage[];
}

/** Says which part each trial runs on, and the digests of what is there. */
export async function describeParts(
  parts: Parts,
  builtWith: Record<string, Input>,
): Promise<BuiltParts> {
  const { hosts, guestKernels, emulator, images } = parts;
  const hostKernels = [...hosts.values()];
  const hostOf = (settings: Settings) => hosts.get(hostKernelName(settings))!;
  const imageOf = ({ workload, guest_kernel = defaultSettings.guest_kernel }: Settings) =>
    images.find((one) => one.workload === workload && one.guestKernel === guest_kernel)!;
  const imageSizes = new Map(
    await Promise.all(
      images.map(async (image) => [image, (await Deno.stat(image.path)).size] as const),
    ),
  );
  const digests = await digestsOf([...guestKernels.values(), ...hostKernels], emulator);

  return {
    parts,
    builtWith,
    partsOf: (settings) => ({
      hostKernel: hostOf(settings),
      emulator,
      image: imageOf(settings),
    }),
    inputsOf: (settings) => ({
      kernel: digests.kernels.get(hostOf(settings))!,
      emulator: digests.emulator,
      firmware: digests.firmware,
      image: imageOf(settings).sha256,
      machine: sha256OfJson(machineOf(settings, imageSizes.get(imageOf(settings))!)),
    }),
    inputs: {
      ...describeInputs(parts, digests),
      machine: machineInput(),
      ...builtWith,
    },
    drift: [...guestKernels.values(), emulator, ...hostKernels, ...images]
      .some(({ drift }) => drift),
    built_s: Object.fromEntries(
      [
        ["emulator", emulator] as const,
        ...[...guestKernels].map(([line, kernel]) => [`guest kernel ${line}`, kernel] as const),
        ...[...hosts].map(([name, kernel]) => [`host kernel ${name}`, kernel] as const),
      ].filter(([, { built }]) => built).map(([name, { seconds }]) => [name, seconds]),
    ),
  };
}

interface Digests {
  kernels: Map<BuiltKernel, string>;
  emulator: string;
  firmware: string;
}

/** Of what was built, not of what it was built from: the bits are what a trial depends on. */
async function digestsOf(
  kernels: readonly BuiltKernel[],
  emulator: BuiltEmulator,
): Promise<Digests> {
  const firmware = await filesBelow(emulator.firmwareDir);
  return {
    kernels: new Map(
      await Promise.all(
        kernels.map(async (kernel) => [kernel, await sha256OfFile(kernel.vmlinux)] as const),
      ),
    ),
    emulator: await sha256OfFile(emulator.qemu),
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
async function builtWith(): Promise<Record<string, Input>> {
  const tools = await toolchain();
  return {
    compiler: { digest: sha256OfJson(tools), version: Object.values(tools).join(", ") },
    libraries: { digest: lockedSysrootDigest(), version: lockedSysrootPackages().join(", ") },
  };
}

function describeInputs(
  { hosts, guestKernels, emulator, images }: Parts,
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
    ...Object.fromEntries(images.flatMap(inputsOfImage)),
  };
}
