// SPDX-License-Identifier: Apache-2.0
/**
 * Bundles: built parts in one archive, for machines that have no network, no compilers or no time. Parts
 * are known by the digests of what they were built from; that the bits are what such a build gives is the
 * word of whoever made the bundle, except for those that the reference run was measured on.
 */
import { join } from "@std/path";
import { crossLevels, readExperiment } from "../bench/experiment.ts";
import { gitRevision } from "../bench/provenance.ts";
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists, removeIfThere, requireSpace } from "../base/files.ts";
import { writing } from "../base/full_disk.ts";
import type { Report } from "../base/report.ts";
import type { Settings } from "../contract/settings.ts";
import project from "../deno.json" with { type: "json" };
import { buildPrimitives } from "../hosts/command/bundle.ts";
import { buildParts } from "../hosts/emulated/parts.ts";
import {
  cached,
  findCached,
  outputDigests,
  type UsedEntry,
  watchingEntries,
  withScratch,
} from "../store/cache.ts";
import { readArchive, writeArchive } from "./archive.ts";
import { type Bundle, bundledKinds, type BundledPart, bundleForm, placeOf } from "./bundle_form.ts";
import { copyInto, writeInto } from "./files.ts";
import { packLicences } from "./licences.ts";
import { packSources, sourcesOf } from "./sources.ts";

const top = "bundle";
const formName = "bundle.json";

/** Parts lie there unpacked while the archive is written or read. */
const room_mib = 1000;

/** A few dozen parts of a few files; with the lab's own sources a few thousand. */
const limits = { members: 20_000, folders: 4000, depth: 16, bytes: 8 * 2 ** 30 };

const table = `\
| \`parts/kernel/\`, \`parts/debian-kernel/\`, \`sources/lab/kernel/lines/*/series/\` | GPL-2.0-only (\`GPL-2.0.txt\`), with the kernel's own exceptions |
| \`parts/emulator/*/qemu-system-x86_64\`, \`parts/emulator/*/firmware/\` except \`bios*.bin\`, \`sources/lab/emulator/qemu/patches/\` | GPL-2.0-or-later |
| \`parts/emulator/*/firmware/bios*.bin\` (SeaBIOS) | LGPL-3.0 |
| \`parts/bochs/*/bochs\` (its source by name and digest: \`sources/lab/emulator/bochs/lock.json\`), \`sources/lab/emulator/bochs/patches/\` | LGPL-2.1-or-later |
| \`parts/program/\`, \`parts/bochs/*/rom.bin\`, and \`sources/lab/\` except the patches | Apache-2.0 (\`LICENSE\`); programs are linked with the GNU C library, LGPL-2.1-or-later |
| \`parts/disk/\` | files of the Debian packages below |
| \`parts/guest-image/\`, \`parts/image/\` | aggregates of the above |
`;

/** What goes into a bundle. */
export interface BundleRequest {
  /** Names or files of the experiments whose parts are wanted. */
  experiments: readonly string[];
  /** With the source packages of kernels and emulator. */
  complete: boolean;
  report: Report;
}

/**
 * Writes a bundle of all that experiments run on, building what is not there.
 *
 * @throws {LabError} when there is no such experiment, or a part cannot be built.
 */
export async function exportBundle(
  path: string,
  { experiments, complete, report }: BundleRequest,
): Promise<Bundle> {
  const settings: Settings[] = [];
  for (const name of experiments) {
    settings.push(...crossLevels((await readExperiment(name)).factors));
  }
  const { result: parts, entries } = await watchingEntries(async () => {
    /* On a real host the same parts are used, and this one beside. */
    await buildPrimitives(report);
    return await buildParts(settings, report);
  });
  return await withScratch(`bundle-${crypto.randomUUID().slice(0, 8)}`, async (stage) => {
    await requireSpace(stage, room_mib, "write the bundle");
    report("copying parts and sources");
    const bundle: Bundle = {
      ...{ format: 1, lab: await thisLab(), experiments: [...experiments] },
      parts: [],
    };
    for (const entry of entries.sort((a, b) => nameOf(a) < nameOf(b) ? -1 : 1)) {
      const part = await bundledPart(entry);
      if (part === undefined) continue;
      for (const name of Object.keys(part.files)) {
        await copyInto(join(entry.dir, name), join(stage, placeOf(part), name));
      }
      bundle.parts.push(part);
    }
    await writeInto(join(stage, formName), JSON.stringify(bundle, null, 1) + "\n");
    const kernels = new Set([
      ...settings.map(({ kernel }) => kernel),
      ...parts.guestKernels.keys(),
    ]);
    const workloads = new Set(settings.map(({ workload }) => workload));
    const sources = await sourcesOf([...kernels].sort(), [...workloads].sort());
    await packSources(sources, stage, complete);
    await packLicences(sources, stage, complete, table);
    report("compressing");
    const draft = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
    try {
      await writing(draft, () => writeArchive(draft, stage, top));
      await Deno.rename(draft, path);
    } finally {
      await removeIfThere(draft);
    }
    return bundle;
  });
}

function nameOf({ kind, digest }: UsedEntry): string {
  return `${kind}/${digest}`;
}

async function thisLab(): Promise<string> {
  const git = await gitRevision();
  const revision = git === null ? "" : `, revision ${git.revision}`;
  return `${project.version}${revision}${git?.clean === false ? " and changes to it" : ""}`;
}

/** Nothing where it is only of use to who builds. */
async function bundledPart(entry: UsedEntry): Promise<BundledPart | undefined> {
  const kind = bundledKinds.find((one) => one === entry.kind);
  if (kind === undefined) return undefined;
  const files: BundledPart["files"] = {};
  for (const [name, sha256] of Object.entries(await outputDigests(entry.dir))) {
    files[name] = { size: (await Deno.stat(join(entry.dir, name))).size, sha256 };
  }
  return { kind, digest: entry.digest, what: entry.what, notes: entry.notes, files };
}

/** What became of a part that was brought here. */
export interface Imported extends BundledPart {
  /** It was here before, with the same bits. */
  there: boolean;
}

/**
 * Brings the parts of a bundle into the cache. All are checked before the first is taken.
 *
 * @throws {LabError} when it is no bundle, is damaged, or has a part that is here with other bits.
 */
export function importBundle(path: string, report: Report): Promise<Imported[]> {
  return withBundle(path, async (bundle, folder) => {
    for (const part of bundle.parts) await requireSameBits(path, part);
    const imported: Imported[] = [];
    for (const part of bundle.parts) {
      const from = join(folder, placeOf(part));
      const { built } = await cached(part.kind, part.digest, async (dir) => {
        for (const name of Object.keys(part.files)) {
          await copyInto(join(from, name), join(dir, name));
        }
        return part.notes;
      }, { what: part.what, needs_mib: room_mib, report });
      imported.push({ ...part, there: !built });
    }
    return imported;
  });
}

/** Two builds of one identity that differ are a finding: neither is thrown away. */
async function requireSameBits(path: string, part: BundledPart): Promise<void> {
  const { kind, digest, what, files } = part;
  const here = await findCached(kind, digest, { what });
  if (here === undefined) return;
  const digests = await outputDigests(here.dir);
  const other = Object.entries(files).find(([name, { sha256 }]) => digests[name] !== sha256);
  if (other === undefined) return;
  throw new LabError(
    `Cannot import ${path}: ${other[0]} of ${what} has other bits than the one that is here, ` +
      `though both say to be built from the same`,
    `One of the two was not: look into ${here.dir}; ./lab clean empties the cache`,
  );
}

/** What a bundle has in it, after its parts were checked. */
export function readBundle(path: string): Promise<{ bundle: Bundle; licences: string }> {
  return withBundle(path, async (bundle, folder) => {
    const licences = join(folder, "LICENSES/README.md");
    return { bundle, licences: await exists(licences) ? await Deno.readTextFile(licences) : "" };
  });
}

async function withBundle<T>(
  path: string,
  use: (bundle: Bundle, folder: string) => Promise<T>,
): Promise<T> {
  if (!await exists(path)) {
    throw new LabError(
      `Cannot open the bundle ${path}: there is no such file`,
      "./lab bundle export FILE makes one, on a machine that can build",
    );
  }
  return await withScratch(`bundle-${crypto.randomUUID().slice(0, 8)}`, async (scratch) => {
    const folder = join(scratch, await readArchive(path, scratch, limits));
    const bundle = await readForm(path, folder);
    for (const part of bundle.parts) await requireWhole(path, part, folder);
    return await use(bundle, folder);
  });
}

async function readForm(path: string, folder: string): Promise<Bundle> {
  try {
    return bundleForm.parse(JSON.parse(await Deno.readTextFile(join(folder, formName))));
  } catch (error) {
    throw new LabError(
      `Cannot open the bundle ${path}: ${formName} is missing in it, or not in the form`,
      "It was made by something else than ./lab bundle export, or by a lab of another version",
      { cause: error },
    );
  }
}

async function requireWhole(path: string, part: BundledPart, folder: string): Promise<void> {
  const place = join(folder, placeOf(part));
  const found = await exists(place) ? await filesBelow(place) : [];
  const wanted = Object.keys(part.files);
  const stray = found.find((name) => !wanted.includes(name));
  for (const name of wanted) {
    const { size, sha256 } = part.files[name]!;
    const damage = !found.includes(name)
      ? "is missing"
      : (await Deno.stat(join(place, name))).size !== size ||
          await sha256OfFile(join(place, name)) !== sha256
      ? "has other content than the bundle says (sha256)"
      : undefined;
    if (damage !== undefined) throw damaged(path, `${name} of ${part.what} ${damage}`);
  }
  if (stray !== undefined) throw damaged(path, `${part.what} has a file too many, ${stray}`);
}

function damaged(path: string, what: string): LabError {
  return new LabError(`Cannot open the bundle ${path}: ${what}`, "Get it again");
}
