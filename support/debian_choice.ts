/** Which version to take: the exact one, or, if it is gone, the newest of the same line. */
import type { AptIndex, Offer } from "./apt.ts";
import { compareVersions } from "./debian_version.ts";
import { LabError } from "./errors.ts";
import type { Report } from "./report.ts";

export interface Wanted {
  name: string;
  version: string;
  line?: string;
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

function exactOf({ name, version }: Wanted, offers: readonly Offer[]): Offer | undefined {
  return offers.find((offer) => offer.name === name && offer.version === version);
}

/** The newest of the same line, or nothing. */
export function nearestOf(
  { name, line = "" }: Wanted,
  offers: readonly Offer[],
): Offer | undefined {
  return offers.filter((offer) => offer.name === name && offer.version.startsWith(line))
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}

function nearestWithWarning(wanted: Wanted, offers: readonly Offer[], report: Report): Offer {
  const { name, version } = wanted;
  const exact = exactOf(wanted, offers);
  if (exact !== undefined) return exact;
  const newest = nearestOf(wanted, offers);
  if (newest === undefined) {
    throw new LabError(
      `Cannot fetch ${name} ${version}: the mirror has no version of it`,
      "Check that /etc/apt names a complete Debian 12 mirror",
    );
  }
  report(
    `${name} ${version} is gone from the mirror; using ${newest.version} instead. ` +
      "Results are marked as drifted and must not be compared as exact. " +
      "An archive of old versions can be named in LAB_ARCHIVE, see docs/METHOD.md",
    "warning",
  );
  return newest;
}
