// SPDX-License-Identifier: Apache-2.0
/** Builds, or takes from the cache, everything that trials run on in the emulated host. */
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

/** Everything that trials run on: the host's kernels by "LINE VARIANT", and what is the same for all. */
export interface Parts {
  hosts: ReadonlyMap<string, BuiltKernel>;
  /** The guests' kernels, which are never patched, by line. */
  guestKernels: ReadonlyMap<string, BuiltKernel>;
  emulator: BuiltEmulator;
  images: readonly BuiltImage[];
}

/** What one trial runs on. */
export interface TrialParts {
  hostKernel: BuiltKernel;
  emulator: BuiltEmulator;
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
  const [emulator, guests, hostKernels] = await Promise.all([
    buildEmulator(report),
    guestKernelsOf(guestLines, report),
    buildKernels(requests, report),
  ]);
  const guestKernels = new Map(guestLines.map((line, index) => [line, guests[index]!]));
  const images = await buildImages(wanted, { guestKernels, emulator }, report);
  const hosts = new Map(
    requests.map(({ line, variant }, index) => [`${line} ${variant}`, hostKernels[index]!]),
  );
  return { hosts, guestKernels, emulator, images };
}

/** Whether the emulator and all kernels are in the cache: the rest takes seconds. */
export async function arePartsThere(settings: readonly Settings[]): Promise<boolean> {
  const guests = settings.flatMap(({ guest_kernel = defaultSettings.guest_kernel }) =>
    guestLinesOf(guest_kernel)
  );
  const quiet: Report = () => {};
  const there = await Promise.all([
    findEmulator(quiet).then((found) => found !== undefined),
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
function hostKernelOf({ kernel, arm, debug_kernel }: Settings): KernelRequest {
  const variant: KernelVariant = arm === "stock"
    ? "stock"
    : debug_kernel === "on"
    ? "debug"
    : "patched";
  return { line: kernel as KernelLine, variant };
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
export function partsOf({ hosts, emulator, images }: Parts, settings: Settings): TrialParts {
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
  return { hostKernel, emulator, image };
}

function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
