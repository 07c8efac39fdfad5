// SPDX-License-Identifier: Apache-2.0
/** Builds, or takes from the cache, everything that trials run on in the emulated host. */
import { buildBochs, type BuiltBochs, findBochs } from "../../emulator/bochs/build.ts";
import { buildEmulator, type BuiltEmulator, findEmulator } from "../../emulator/qemu/build.ts";
import { buildImages, type BuiltImage, type ImageRequest } from "../../images/build.ts";
import { buildKernel, buildKernels, type BuiltKernel, isKernelThere } from "../../kernel/build.ts";
import { debianKernel, isDebianKernelThere } from "../../kernel/debian_kernel.ts";
import {
  isDebianKernel,
  type KernelLine,
  type KernelVariant,
  lineOf,
  smpKernels,
} from "../../kernel/lines.ts";
import type { KernelRequest } from "../../kernel/variants.ts";
import { LabError } from "../../base/errors.ts";
import type { Report } from "../../base/report.ts";
import { defaultSettings, guestLinesOf, type Settings } from "../../contract/settings.ts";
import { pagingModes, type PagingName } from "../../machines/paging.ts";
import { emulatorOf } from "./host_boot.ts";

/** Everything that trials run on: the host's kernels by "LINE VARIANT", and what is the same for all. */
export interface Parts {
  hosts: ReadonlyMap<string, BuiltKernel>;
  /** The guests' kernels, which are never patched, by line. */
  guestKernels: ReadonlyMap<string, BuiltKernel>;
  /** QEMU: of most hosts, and the guests' virtual machine monitor in all of them. */
  emulator: BuiltEmulator;
  /** Where there are hosts that it emulates. */
  bochs?: BuiltBochs | undefined;
  images: readonly BuiltImage[];
}

/** What one trial runs on. */
export interface TrialParts {
  hostKernel: BuiltKernel;
  emulator: BuiltEmulator;
  bochs: BuiltBochs | undefined;
  image: BuiltImage;
}

/**
 * @param settings of all trials that are to run
 * @throws {LabError} when a source cannot be fetched or a build fails.
 */
export async function buildParts(settings: readonly Settings[], report: Report): Promise<Parts> {
  const requests = distinct(settings.map(hostKernelOf));
  const wanted = distinct(settings.map(imageOf));
  const guestLines = [...new Set(wanted.flatMap(({ guestKernel }) => guestLinesOf(guestKernel)))];
  /* Side by side: each build has a part in which it keeps a single core busy. */
  const [emulator, bochs, guests, hostKernels] = await Promise.all([
    buildEmulator(report),
    settings.some(isInBochs) ? buildBochs(report) : undefined,
    guestKernelsOf(guestLines, report),
    buildKernels(requests, report),
  ]);
  const guestKernels = new Map(guestLines.map((line, index) => [line, guests[index]!]));
  const images = await buildImages(wanted, { guestKernels, emulator }, report);
  const hosts = new Map(
    requests.map(({ line, variant }, index) => [`${line} ${variant}`, hostKernels[index]!]),
  );
  return { hosts, guestKernels, emulator, bochs, images };
}

function isInBochs(settings: Settings): boolean {
  return emulatorOf(settings) === "Bochs";
}

/** Whether the emulator and all kernels are in the cache: the rest takes seconds. */
export async function arePartsThere(settings: readonly Settings[]): Promise<boolean> {
  const guests = settings.flatMap(({ guest_kernel = defaultSettings.guest_kernel }) =>
    guestLinesOf(guest_kernel)
  );
  const quiet: Report = () => {};
  const there = await Promise.all([
    findEmulator(quiet).then((found) => found !== undefined),
    !settings.some(isInBochs) || findBochs(quiet).then((found) => found !== undefined),
    ...[...new Set(guests)].map((name) =>
      isDebianKernel(name) ? isDebianKernelThere(name) : isKernelThere(ownGuestKernel(name))
    ),
    ...distinct(settings.map(hostKernelOf)).map(isKernelThere),
  ]);
  return there.every((one) => one);
}

/** The guests' kernels, in the order of their names. */
export function guestKernelsOf(names: readonly string[], report: Report): Promise<BuiltKernel[]> {
  return Promise.all(
    names.map((name) =>
      isDebianKernel(name) ? debianKernel(name, report) : buildKernel(
        { line: lineOf(name), variant: smpKernels.includes(name) ? "guest-smp" : "guest" },
        report,
      )
    ),
  );
}

/** The lab's own guest kernel of such a name. */
function ownGuestKernel(name: string): KernelRequest {
  return { line: lineOf(name), variant: smpKernels.includes(name) ? "guest-smp" : "guest" };
}

/** Which kernel the host of such a trial boots. */
function hostKernelOf({ kernel, arm, debug_kernel, mmu }: Settings): KernelRequest {
  const variant = arm === "stock" ? "stock" : debug_kernel === "on" ? "debug" : "patched";
  return { line: kernel as KernelLine, variant: variantFor(mmu, variant) };
}

/** The variant of a host's kernel that has what a processor of that vendor needs. */
export function variantFor(
  mmu: PagingName,
  variant: "stock" | "patched" | "debug" | "locks",
): KernelVariant {
  return pagingModes[mmu].vendor === "vmx" ? `${variant}-intel` : variant;
}

/** "LINE VARIANT": the name of the host's kernel that a trial with these settings runs on. */
export function hostKernelName(settings: Settings): string {
  const { line, variant } = hostKernelOf(settings);
  return `${line} ${variant}`;
}

/** Which image the guests of such a trial are made of. */
export function imageOf(
  { workload, guest_kernel = defaultSettings.guest_kernel }: Settings,
): ImageRequest {
  return { workload, guestKernel: guest_kernel };
}

/** The parts that a trial with these settings runs on. @throws {LabError} if one is not there. */
export function partsOf(
  { hosts, emulator, bochs, images }: Parts,
  settings: Settings,
): TrialParts {
  const { workload, guestKernel } = imageOf(settings);
  const hostKernel = hosts.get(hostKernelName(settings));
  const image = images.find((one) => one.workload === workload && one.guestKernel === guestKernel);
  if (hostKernel === undefined || image === undefined) {
    const missing = hostKernel === undefined
      ? `no host kernel ${hostKernelName(settings)}`
      : `no image of ${workload} with guests' kernel ${guestKernel}`;
    throw new LabError(
      `Cannot carry out a trial of ${workload}: there is ${missing}`,
      "Its run asks for what does not come with it",
    );
  }
  return { hostKernel, emulator, bochs, image };
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
