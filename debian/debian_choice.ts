// SPDX-License-Identifier: Apache-2.0
/** Which version to take: the exact one, or, if it is gone, the newest of the same line. */
import type { AptIndex, Offer } from "./apt.ts";
import { compareVersions } from "./debian_version.ts";
import { LabError } from "../base/errors.ts";
import type { Report } from "../base/report.ts";

export interface Wanted {
  name: string;
  version: string;
  line?: string;
  successors?: string;
}

/** What is taken, and from where. */
export interface Choice<W extends Wanted> {
  wanted: W;
  offer: Offer;
  index: AptIndex;
}

/** Asks an index for all versions of what is wanted. */
export type Find = (index: AptIndex) => Promise<Offer[]>;

/**
 * For each package the exact version, from the mirror or else from the archive of old versions, or
 * else the newest of its line in the mirror, with a warning.
 *
 * @throws {LabError} when the mirror has nothing of a package's line.
 */
export async function choose<W extends Wanted>(
  { mirror, archive }: { mirror: AptIndex; archive: AptIndex | undefined },
  wanted: readonly W[],
  find: Find,
  report: Report,
): Promise<Choice<W>[]> {
  const offers = await freshOffers(mirror, wanted, find, report);
  const missing = wanted.filter((item) => exactOf(item, offers) === undefined);
  const old = missing.length === 0 || archive === undefined
    ? []
    : await oldOffers(archive, missing, find, report);
  return wanted.map((item) => {
    const fromArchive = exactOf(item, offers) === undefined ? exactOf(item, old) : undefined;
    return fromArchive !== undefined
      ? { wanted: item, offer: fromArchive, index: archive! }
      : { wanted: item, offer: nearestWithWarning(item, offers, report), index: mirror };
  });
}

/** What the mirror offers, asked anew where something is missing: the index may be older than the lock. */
export async function freshOffers(
  mirror: AptIndex,
  wanted: readonly Wanted[],
  find: Find,
  report: Report,
): Promise<Offer[]> {
  await mirror.update();
  const offers = await find(mirror);
  if (wanted.every((item) => exactOf(item, offers) !== undefined)) return offers;
  // Without a network the old index has to do.
  try {
    await mirror.update(true);
    return await find(mirror);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    report("The package index could not be renewed; going on with the old one", "warning");
    return offers;
  }
}

async function oldOffers(
  archive: AptIndex,
  missing: readonly Wanted[],
  find: Find,
  report: Report,
): Promise<Offer[]> {
  const names = missing.map(({ name, version }) => `${name} ${version}`).join(", ");
  report(`Gone from the mirror: ${names}; asking the archive`);
  try {
    await archive.update();
    return await find(archive);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    report(`The archive of old versions cannot be used: ${error.message}`, "warning");
    return [];
  }
}

/** Whether an offer is the very version that is wanted, and not one in its place. */
export function isExact({ name, version }: Wanted, offer: Offer): boolean {
  return offer.name === name && offer.version === version;
}

function exactOf(wanted: Wanted, offers: readonly Offer[]): Offer | undefined {
  return offers.find((offer) => isExact(wanted, offer));
}

/** The newest of the same line, or nothing. Who offers only older ones may want known faults back. */
export function nearestOf(wanted: Wanted, offers: readonly Offer[]): Offer | undefined {
  const { line = "" } = wanted;
  return offers.filter((offer) => isNamed(wanted, offer.name) && offer.version.startsWith(line))
    .filter(({ version }) => compareVersions(version, wanted.version) >= 0)
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}

/** By its own name, or by that of a successor. */
export function isNamed({ name, successors }: Wanted, other: string): boolean {
  return other === name || (successors !== undefined && new RegExp(successors).test(other));
}

/** What the index has to be asked for: the names, and those of successors that it knows. */
export async function namesIn(index: AptIndex, wanted: readonly Wanted[]): Promise<string[]> {
  const names = new Set(wanted.map(({ name }) => name));
  const moving = wanted.filter(({ successors }) => successors !== undefined);
  if (moving.length > 0) {
    for (const name of await index.names()) {
      if (moving.some((item) => isNamed(item, name))) names.add(name);
    }
  }
  return [...names];
}

function nearestWithWarning(wanted: Wanted, offers: readonly Offer[], report: Report): Offer {
  const { name, version } = wanted;
  const exact = exactOf(wanted, offers);
  if (exact !== undefined) return exact;
  const newest = nearestOf(wanted, offers);
  if (newest === undefined) {
    throw new LabError(
      `Cannot fetch ${name} ${version}: the mirror has no version of it, or only older ones`,
      "Check that /etc/apt names a complete Debian 12 mirror",
    );
  }
  report(
    `${name} ${version} is gone from the mirror; using ${
      newest.name === name ? "" : `${newest.name} `
    }${newest.version} instead. ` +
      "Results are marked as drifted and must not be compared as exact. " +
      "An archive of old versions can be named in LAB_ARCHIVE, see docs/METHOD.md",
    "warning",
  );
  return newest;
}
