// SPDX-License-Identifier: Apache-2.0
/**
 * Locks of all that some packages need: the names that are asked for, and the packages that these and
 * whatever they depend on come to. They move as a whole, since versions that do not belong together may
 * not work together.
 */
import type { AptIndex, Offer } from "./apt.ts";
import type { LockedDeb } from "./debian.ts";
import type { DebianRelease } from "./releases.ts";
import { LabError } from "../base/errors.ts";

/** The content of such a lock. */
export interface ClosureLock {
  /** Debian 12 where nothing is said. */
  release?: DebianRelease;
  /** What is asked for. */
  wanted: string[];
  /** All of them and what they depend on, by name. */
  packages: LockedDeb[];
}

/** A package that is in the lock with another version than before, newly (`from` is null) or no more. */
export interface ClosureMove {
  name: string;
  from: string | null;
  to: string | null;
}

/** Whether a lock file is one. */
export function isClosure(content: unknown): content is ClosureLock {
  return typeof content === "object" && content !== null && "wanted" in content &&
    "packages" in content;
}

/**
 * Resolves the names again, with the newest versions that the mirror has.
 *
 * @param mirror has been brought up to date.
 * @returns what has changed in the lock's `packages`.
 * @throws {LabError} when the mirror does not have all that is needed.
 */
export async function moveClosure(lock: ClosureLock, mirror: AptIndex): Promise<ClosureMove[]> {
  const chosen = await mirror.closure(lock.wanted);
  const offers = await mirror.packages(
    chosen.map(({ name, version }) => `${name}=${version}`),
  );
  const packages = chosen.map(({ name, version }) => {
    const found = offers.filter((offer) => offer.name === name && offer.version === version);
    return lockedAs(name, version, found);
  }).sort((a, b) => a.name < b.name ? -1 : 1);
  const before = new Map(lock.packages.map((deb) => [deb.name, deb]));
  const after = new Map(packages.map((deb) => [deb.name, deb]));
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const moves = names.filter((name) => before.get(name)?.sha256 !== after.get(name)?.sha256)
    .map((name) => ({
      name,
      from: before.get(name)?.version ?? null,
      to: after.get(name)?.version ?? null,
    }));
  lock.packages = packages;
  return moves;
}

/** The security archive's own copies go when the next point release takes them over. */
function lockedAs(name: string, version: string, offers: readonly Offer[]): LockedDeb {
  const lasting = offers.find(({ folder }) => !folder?.startsWith("pool/updates/")) ?? offers[0];
  if (lasting === undefined) {
    throw new LabError(
      `Cannot lock ${name} ${version}: the mirror's index does not describe it`,
      "Try again; the mirror may just have been changed",
    );
  }
  const { arch, size = 0, sha256 = "", folder = "" } = lasting;
  return { name, version, arch: arch as LockedDeb["arch"], size, sha256, folder };
}
