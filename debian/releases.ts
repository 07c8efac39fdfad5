// SPDX-License-Identifier: Apache-2.0
/** The releases of Debian that locks are made for: their suites, and where these are by default. */

/**
 * Debian 12 is what everything is built from; of Debian 13 is a root that tests begin in, and of its
 * backports the source of mainline kernels.
 */
export const debianReleases = ["bookworm", "trixie", "trixie-backports"] as const;

export type DebianRelease = typeof debianReleases[number];

/** One of a release's archives, and where it is when the system names no mirror. */
export interface Suite {
  name: string;
  defaultUri: string;
}

export function suitesOf(release: DebianRelease): readonly Suite[] {
  if (release === "trixie-backports") {
    return [{ name: release, defaultUri: "http://deb.debian.org/debian" }];
  }
  return [
    { name: release, defaultUri: "http://deb.debian.org/debian" },
    { name: `${release}-updates`, defaultUri: "http://deb.debian.org/debian" },
    { name: `${release}-security`, defaultUri: "http://deb.debian.org/debian-security" },
  ];
}
