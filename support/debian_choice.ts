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

/** For each package the exact version, or else the newest of its line with a warning. */
export async function choose<W extends Wanted>(
  index: AptIndex,
  wanted: readonly W[],
  find: () => Promise<Offer[]>,
  report: Report,
): Promise<{ wanted: W; offer: Offer }[]> {
  await index.update();
  let offers = await find();
  const has = ({ name, version }: W) =>
    offers.some((offer) => offer.name === name && offer.version === version);
  if (!wanted.every(has)) {
    // The index may be older than the lock. Without a network the old one has to do.
    try {
      await index.update(true);
      offers = await find();
    } catch (error) {
      if (!(error instanceof LabError)) throw error;
      report("The package index could not be renewed; going on with the old one", "warning");
    }
  }
  return wanted.map((item) => ({ wanted: item, offer: nearest(item, offers, report) }));
}

function nearest(wanted: Wanted, offers: readonly Offer[], report: Report): Offer {
  const { name, version, line = "" } = wanted;
  const candidates = offers.filter((offer) => offer.name === name && offer.version.startsWith(line))
    .sort((a, b) => compareVersions(b.version, a.version));
  const exact = candidates.find((offer) => offer.version === version);
  if (exact !== undefined) return exact;
  const [newest] = candidates;
  if (newest === undefined) {
    throw new LabError(
      `Cannot fetch ${name} ${version}: the mirror has no version of it`,
      "Check that /etc/apt names a complete Debian 12 mirror",
    );
  }
  report(
    `${name} ${version} is gone from the mirror; using ${newest.version} instead. ` +
      "Results are marked as drifted and must not be compared as exact",
    "warning",
  );
  return newest;
}
