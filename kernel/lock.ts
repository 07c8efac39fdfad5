// SPDX-License-Identifier: Apache-2.0
/** What is locked of each kernel line: `lines/LINE/lock.json`. */
import { LabError } from "../base/errors.ts";
import { fetchDeb, type FetchedDeb, type LockedDeb } from "../debian/debian.ts";
import type { DebianRelease } from "../debian/releases.ts";
import type { Report } from "../base/report.ts";
import { type KernelLine, kernelLines, readLockOf } from "./lines.ts";

/** Debian's packages of one line. */
export interface LineLock {
  /** Debian's release that has them, if it is not Debian 12. */
  release?: DebianRelease;
  /** The source that the lab's own kernels are built from. */
  source: LockedDeb;
  /** Debian's configurations, for packages that real hosts can have. */
  config: LockedDeb;
  /** Debian's kernel for virtual machines, as guests can have it, where it comes in one package. */
  image?: LockedDeb;
}

/**
 * @throws {LabError} when there is no such line; names those that there are.
 */
export function lockOf(line: KernelLine): LineLock {
  if (!kernelLines.includes(line)) {
    throw new LabError(
      `Cannot use the kernel line "${line}": there is none of that name in kernel/lines/`,
      `Lines: ${kernelLines.join(", ")}`,
    );
  }
  return readLockOf(line) as LineLock;
}

/**
 * Fetches a line's source, or Debian's configurations of it.
 *
 * @throws {LabError} as {@linkcode fetchDeb} does.
 */
export function fetchOfLine(
  line: KernelLine,
  what: "source" | "config",
  report: Report,
): Promise<FetchedDeb> {
  const { release, ...lock } = lockOf(line);
  return fetchDeb(lock[what], { report, ...(release === undefined ? {} : { release }) });
}
