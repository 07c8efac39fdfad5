// SPDX-License-Identifier: Apache-2.0
/**
 * The names of the kernel lines and of how they can be built. A line is a folder below `lines/`, and the folder is all of it:
 * `lock.json` (Debian's source, configurations and own kernel of that line), `series/` (the patches),
 * `selftests.json` (where the kernel's own tests are) and, where it differs from the others, a
 * fragment of the same name as one in `config/`.
 */
import { join } from "@std/path";

/** A kernel line, as "6.1". */
export type KernelLine = string;

/** Where the lines' folders are. */
export const linesFolder = join(import.meta.dirname!, "lines");

/** All lines, the oldest first. */
export const kernelLines: readonly KernelLine[] = linesIn(linesFolder);

/** The lock of a line as it stands in its folder; lock.ts says what is in it. */
export function readLockOf(line: KernelLine): object {
  return JSON.parse(Deno.readTextFileSync(join(linesFolder, line, "lock.json")));
}

/** How a line can be built: see variants.ts. */
export const kernelVariants = [
  ...["patched", "stock", "debug", "locks"] as const,
  ...["patched-intel", "stock-intel", "debug-intel", "locks-intel"] as const,
  ...["guest", "guest-smp"] as const,
] as const;
export type KernelVariant = typeof kernelVariants[number];

/** Debian's own configurations of a line, by the names of its kernel packages. */
export const debianFlavours = ["amd64", "cloud-amd64"] as const;

/** One of Debian's own kernels, as "debian-6.1". */
export type DebianKernel = string;

/**
 * Names of Debian's own kernels that guests can have: "debian-6.1". Since 6.19 Debian's kernels come in
 * several packages each; lines that have no `image` in their lock give guests only the lab's own.
 */
export const debianKernels: readonly DebianKernel[] = kernelLines
  .filter((line) => "image" in readLockOf(line))
  .map((line) => `debian-${line}`);

/** Whether a kernel's name is that of one of Debian's own. */
export function isDebianKernel(name: string): boolean {
  return debianKernels.includes(name);
}

/**
 * Names of the lab's own guest kernels for several virtual CPUs: "6.1-smp". They are kernels of their
 * own, so that guests with one virtual CPU and with two can run the same one.
 */
export const smpKernels: readonly string[] = kernelLines.map((line) => `${line}-smp`);

/** Whether a guest with such a kernel finds all its virtual CPUs. */
export function findsSeveralCpus(name: string): boolean {
  return smpKernels.includes(name) || isDebianKernel(name);
}

/** The line of a kernel: "debian-6.1" and "6.1-smp" are of line 6.1, as is "6.1" itself. */
export function lineOf(kernelName: string): KernelLine {
  return kernelName.replace(/^debian-/, "").replace(/-smp$/, "");
}

/** The lines that a folder holds, in the order of their versions: 6.12 comes after 6.1 and 6.2. */
export function linesIn(folder: string): KernelLine[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name, isDirectory }) => isDirectory && /^\d+\.\d+$/.test(name))
    .map(({ name }) => name.split(".").map(Number) as [number, number])
    .sort(([major, minor], [otherMajor, otherMinor]) => major - otherMajor || minor - otherMinor)
    .map((version) => version.join("."));
}
