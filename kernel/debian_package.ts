// SPDX-License-Identifier: Apache-2.0
/**
 * An installable Debian package of the patched kernel, for real hosts: a distribution's
 * configuration and the series. `kvm.change_pte` is off until somebody switches it on.
 */
import { basename, join } from "@std/path";
import { cached, newLog, withScratch } from "../store/cache.ts";
import { sha256OfFile, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import type { FetchedDeb } from "../debian/debian.ts";
import { unpackPackage } from "../debian/packages.ts";
import { applyPatches } from "../debian/patches.ts";
import { builtBy, runInRoom } from "../debian/room.ts";
import type { Report } from "../base/report.ts";
import { requireAll } from "./config.ts";
import { debianFlavours, type KernelLine } from "./lines.ts";
import { fetchOfLine } from "./lock.ts";
import { makeIn } from "./objects.ts";
import { patchedCopy, unpackMore, withTree } from "./source.ts";
import { seriesOf } from "./variants.ts";

export interface PackageRequest {
  line: KernelLine;
  /** A file in the form of .config, or one of Debian's own flavours of the line. */
  config: string;
}

/** Raised when the same inputs would give other packages. */
const recipeVersion = 1;

/** A distribution's kernel with all of its modules takes this much while it is built. */
const buildRoom_mib = 25_000;
const buildLimit_s = 6 * 3600;

/**
 * What a kernel of one's own cannot have of a distribution's: its keys, and debugging information,
 * which would take ten times the space.
 */
const changes = `
CONFIG_SYSTEM_TRUSTED_KEYS=""
CONFIG_SYSTEM_REVOCATION_KEYS=""
# CONFIG_MODULE_SIG is not set
# CONFIG_SECURITY_LOCKDOWN_LSM is not set
CONFIG_DEBUG_INFO_NONE=y
# CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT is not set
# CONFIG_DEBUG_INFO_DWARF4 is not set
# CONFIG_DEBUG_INFO_DWARF5 is not set
CONFIG_LOCALVERSION=""
# CONFIG_LOCALVERSION_AUTO is not set
`;

/** Without these the package would be of no use. */
const needed = "CONFIG_KSM=y\nCONFIG_MMU_NOTIFIER=y\nCONFIG_TRANSPARENT_HUGEPAGE=y\n";

/**
 * Linux-image and its companions, from the cache or built now, which takes long.
 *
 * @returns paths of the packages.
 * @throws {LabError} when the configuration has no KVM or KSM, or the build fails.
 */
export async function buildDebianPackages(
  { line, config }: PackageRequest,
  report: Report,
): Promise<string[]> {
  const what = `Debian packages of the patched ${line} kernel`;
  const text = await configuration(line, config, report);
  const deb = await fetchOfLine(line, "source", report);
  const patches = await seriesOf(line);
  const digest = sha256OfJson({
    ...{ recipeVersion, line, source: deb.sha256, config: text + changes, tools: builtBy() },
    patches: await Promise.all(patches.map(sha256OfFile)),
  });
  const job = { line, config, text, deb, patches, what };
  const { dir } = await cached("package", digest, (dir) => buildInto(dir, job, report), {
    ...{ what, needs_mib: buildRoom_mib, report },
  });
  return await packagesIn(dir);
}

async function buildInto(
  dir: string,
  { line, config, text, deb, patches, what }: PackageRequest & {
    /** Of the configuration. */
    text: string;
    deb: FetchedDeb;
    patches: readonly string[];
    what: string;
  },
  report: Report,
): Promise<void> {
  const log = await newLog(`debian-packages-${line}`);
  await withScratch(`debian-packages-${line}`, async (scratch) => {
    const source = join(scratch, "source");
    const objects = join(scratch, "objects");
    await Deno.mkdir(objects);
    await withTree(deb, report, (tree) => patchedCopy(tree, source, [], false, report));
    /* The trees of the lab's own kernels have no drivers. */
    await unpackMore(deb, source, [
      "arch",
      "Documentation",
      "drivers",
      "samples",
      "sound",
      "tools",
    ]);
    await applyPatches(source, patches, deb.drift, report);
    /* The packages come to lie beside the objects. Nothing is installed in the room, as dpkg has it. */
    await Deno.mkdir(join(scratch, "dpkg"));
    await Deno.writeTextFile(join(scratch, "dpkg/status"), "");
    const settings = ["DPKG_FLAGS=--no-check-builddeps --admindir=/build/dpkg"];
    const options = { settings, what, log, timeLimit_s: buildLimit_s, folder: scratch };
    const make = await makeIn(source, objects, options, report);
    await Deno.writeTextFile(join(objects, ".config"), text + changes);
    report(`configuring ${what}`);
    await make("olddefconfig");
    const final = await Deno.readTextFile(join(objects, ".config"));
    requireAll(needed, final, config);
    if (!/^CONFIG_KVM=[ym]$/m.test(final)) {
      throw new LabError(`Cannot build ${what}: ${config} has no KVM`, "Give another --config");
    }
    report(`compiling ${what}: this takes long`);
    await make("bindeb-pkg");
    for (const path of await packagesIn(scratch)) {
      await Deno.copyFile(path, join(dir, basename(path)));
    }
  });
}

/** The text of a configuration: a file's, or that of one of Debian's flavours. */
async function configuration(line: KernelLine, config: string, report: Report): Promise<string> {
  if (!debianFlavours.some((flavour) => flavour === config)) {
    if (await exists(config)) return await Deno.readTextFile(config);
    throw new LabError(
      `Cannot build a package with the configuration ${config}: there is no such file`,
      `Give a file in the form of .config, or one of Debian's flavours: ${
        debianFlavours.join(", ")
      }`,
    );
  }
  const deb = await fetchOfLine(line, "config", report);
  return await withScratch(`linux-config-${line}`, async (scratch) => {
    await unpackPackage(deb.path, scratch);
    const path = join(scratch, "usr/src", deb.name, `config.amd64_none_${config}.xz`);
    const { stdout } = await runInRoom("xz", ["-dc", "/in/config.xz"], {
      read: { "/in/config.xz": path },
    }, { purpose: `unpack ${deb.name}`, timeLimit_s: 120, report });
    return stdout;
  });
}

async function packagesIn(dir: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    if (name.endsWith(".deb")) found.push(join(dir, name));
  }
  return found.sort();
}
