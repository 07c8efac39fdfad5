// SPDX-License-Identifier: Apache-2.0
/**
 * What a trial runs on, as files by digest that go to another machine once: the emulator with its
 * firmware, kernels, images, and what carries a trial out there.
 */
import { basename, join } from "@std/path";
import { filesBelow, sha256OfFile, sha256OfJson } from "../../base/digest.ts";
import type { Parts } from "../emulated/parts.ts";
import { partsOf } from "../emulated/parts.ts";
import type { Settings } from "../../contract/settings.ts";

/** A file of the bundle. */
export interface BundledFile {
  /** Here. */
  source: string;
  /** There, below the place's folder `parts`: "DIGEST/NAME". */
  path: string;
  /** SHA-256 of it. */
  sha256: string;
}

/** All that trials run on. */
export interface Bundle {
  files: readonly BundledFile[];
  /** Where a file or the folder of the firmware is there, by its path here. */
  pathOf(source: string): string;
  /** There, below `parts`. */
  runner: string;
}

const here = import.meta.dirname!;
/** They call each other, so that they lie in one folder. */
const scripts = [join(here, "runner.sh"), join(here, "..", "emulated", "cage.sh")];

/** The bundle of these trials. */
export async function bundleOf(parts: Parts, settings: readonly Settings[]): Promise<Bundle> {
  const { qemu, firmwareDir } = parts.emulator;
  const single = new Set([qemu]);
  for (const one of settings) {
    const { hostKernel, image } = partsOf(parts, one);
    single.add(hostKernel.vmlinux).add(image.path);
  }
  const firmware = (await filesBelow(firmwareDir)).map((name) => join(firmwareDir, name));
  const together = await Promise.all([scripts, firmware].map((all) => inOneFolder(all)));
  const alone = await Promise.all([...single].map((path) => inOneFolder([path])));
  const files = [...together, ...alone].flat();
  const paths = new Map(files.map(({ source, path }) => [source, path]));
  paths.set(firmwareDir, folderOf(together[1]![0]!.path));
  return {
    files,
    pathOf: (source) => paths.get(source)!,
    runner: paths.get(scripts[0]!)!,
  };
}

/** Files beside each other, in a folder that is called by the digest of all. */
async function inOneFolder(sources: readonly string[]): Promise<BundledFile[]> {
  const digests = await Promise.all(sources.map(sha256OfFile));
  const folder = sha256OfJson(sources.map((source, at) => [basename(source), digests[at]!]));
  return sources.map((source, at) => ({
    source,
    path: `${folder}/${basename(source)}`,
    sha256: digests[at]!,
  }));
}

function folderOf(path: string): string {
  return path.slice(0, path.indexOf("/"));
}
