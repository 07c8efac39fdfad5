// SPDX-License-Identifier: Apache-2.0
/**
 * Builds QEMU: one static program that is both the emulator of the host and, inside of it, the
 * guests' virtual machine monitor, together with the firmware that the two need.
 */
import { basename, join } from "@std/path";
import { cached, type CacheEntry, findCached, newLog, withScratch } from "../../store/cache.ts";
import {
  fetchDeb,
  type FetchedDeb,
  type FetchedSource,
  fetchSource,
  type LockedDeb,
  type LockedSource,
  sourceDigest,
} from "../../debian/debian.ts";
import { sha256OfFile, sha256OfJson } from "../../base/digest.ts";
import { fasterCompilers } from "../../debian/huge_pages.ts";
import { applyPatches, patchesIn } from "../../debian/patches.ts";
import { type Report, reportToStderr } from "../../base/report.ts";
import { lockedSysrootDigest, type Sysroot, sysroot } from "../../debian/sysroot.ts";
import { withCompileJobs } from "../../debian/compile_jobs.ts";
import { unpackPackage } from "../../debian/packages.ts";
import { builtBy, runInRoom } from "../../debian/room.ts";
import lock from "./lock.json" with { type: "json" };

export interface BuiltEmulator {
  /** Digest of everything it was built from. */
  digest: string;
  dir: string;
  /** The program. */
  qemu: string;
  /** For its option -L. */
  firmwareDir: string;
  /** Such as "7.2.22". */
  version: string;
  /** Built from another source version than the lock's. */
  drift: boolean;
  /** Wall time of this call. */
  seconds: number;
  /** Whether this call built it. */
  built: boolean;
}

/** Raised when the way of building changes in a manner that may change the result. */
const recipeVersion = 2;

const buildRoom_mib = 1500;
const unpackLimit_s = 300;
const buildLimit_s = 6 * 3600;

/**
 * Only what the lab uses. `nop` leaves QEMU's own trace points out; the other switches save
 * compile time and take nothing from the speed of emulation.
 */
const configureSwitches = [
  "--target-list=x86_64-softmmu",
  "--without-default-features",
  "--without-default-devices",
  "--with-devices-x86_64=lab",
  "--enable-tcg",
  "--enable-kvm",
  "--enable-fdt=system",
  "--static",
  "--enable-trace-backends=nop",
  "--disable-docs",
  "--disable-debug-info",
  "--disable-stack-protector",
  "--disable-werror",
  "--with-pkgversion=samepage",
  // Where there is a C++ compiler it links the program, with libraries in another order.
  "--cxx=/nonexistent",
];

/** Built from the same source, by the makefile that QEMU has for it. */
const optionRoms = ["pvh.bin", "linuxboot.bin", "linuxboot_dma.bin", "kvmvapic.bin"];

/** From Debian's seabios package. */
const biosImages = ["bios-256k.bin", "bios-microvm.bin"];

const patchFolder = join(import.meta.dirname!, "patches");
const what = "the emulator";

/**
 * Gives the emulator, from the cache or built now.
 *
 * @throws {LabError} when a source cannot be fetched, a patch does not apply or the build fails.
 */
export async function buildEmulator(report: Report = reportToStderr): Promise<BuiltEmulator> {
  const began_ms = performance.now();
  const ready = await findEmulator(report);
  if (ready !== undefined) return ready;

  const seabios = await fetchDeb(lock.seabios as LockedDeb, { report });
  const qemu = await fetchSource(lock.qemu as LockedSource, { report });
  const libraries = await sysroot(report);
  const patches = await patchesIn(patchFolder);
  const digest = await digestFor(patches, {
    qemu: qemu.sha256,
    seabios: seabios.sha256,
    libraries: libraries.digest,
  });
  const entry = await cached(
    "emulator",
    digest,
    (dir) =>
      withScratch(`emulator-build-${digest.slice(0, 12)}`, async (scratch) => {
        const log = await newLog(`emulator-${digest.slice(0, 12)}`);
        await build(qemu, libraries, patches, { scratch, dir, log }, report);
        await addFirmware(seabios, scratch, dir);
      }),
    { what, needs_mib: buildRoom_mib, report },
  );
  const drift = qemu.drift || seabios.drift || libraries.drift;
  return describe(entry, drift, (performance.now() - began_ms) / 1000);
}

/** The emulator of the lock if it is in the cache. */
export async function findEmulator(
  report: Report = reportToStderr,
): Promise<BuiltEmulator | undefined> {
  const patches = await patchesIn(patchFolder);
  const digest = await digestFor(patches, {
    qemu: sourceDigest(lock.qemu.files),
    seabios: lock.seabios.sha256,
    libraries: lockedSysrootDigest(),
  });
  const entry = await findCached("emulator", digest, { what, report });
  return entry === undefined ? undefined : describe(entry, false, entry.seconds);
}

async function digestFor(
  patches: readonly string[],
  sources: { qemu: string; seabios: string; libraries: string },
): Promise<string> {
  return sha256OfJson({
    recipeVersion,
    configureSwitches,
    sources,
    patchesSha256: await Promise.all(patches.map(sha256OfFile)),
    tools: builtBy(),
  });
}

interface Places {
  scratch: string;
  dir: string;
  log: string;
}

async function build(
  qemu: FetchedSource,
  libraries: Sysroot,
  patches: readonly string[],
  { scratch, dir, log }: Places,
  report: Report,
): Promise<void> {
  const source = join(scratch, "source");
  const objects = join(scratch, "objects");
  const purpose = `build ${what}`;
  report(`unpacking ${qemu.name} ${qemu.version}`);
  await runInRoom(
    "dpkg-source",
    ["--no-check", "-x", `/in/package/${basename(qemu.dsc)}`, "/build/source"],
    { read: { "/in/package": qemu.dir }, write: { "/build": scratch } },
    { report, cwd: "/build", purpose: `unpack ${qemu.dsc}`, timeLimit_s: unpackLimit_s, log },
  );
  await applyPatches(source, patches, qemu.drift, report);
  await Deno.mkdir(objects);

  report(`configuring ${what}`);
  /* The folder must not get into the program, and warnings cost time that nobody reads them for.
   * -O1 is for what is not in the way of emulation: patch 0004 keeps -O2 for the rest. */
  const prefixes = "-ffile-prefix-map=/build=/samepage -ffile-prefix-map=/in/libraries=";
  const compiler = [
    "--cc=gcc --sysroot=/in/libraries",
    `--extra-cflags=-O1 -w -pipe ${prefixes}`,
  ];
  const { env, read } = await fasterCompilers(report);
  const view = {
    read: { ...read, "/in/libraries": libraries.dir },
    write: { "/build": scratch, "/out": dir },
  };
  const how = { cwd: "/build/objects", timeLimit_s: buildLimit_s, log, report };
  await runInRoom("/build/source/configure", [...configureSwitches, ...compiler], view, {
    ...how,
    env: { ...env, ...onlyLibraries },
    purpose: `configure ${what}`,
  });
  report(`compiling ${what}`);
  await withCompileJobs(what, report, async (jobs) => {
    await runInRoom("ninja", [`-j${jobs}`, "qemu-system-x86_64"], view, { ...how, env, purpose });
  });
  const roms = join(objects, "pc-bios/optionrom");
  // configure only writes this where it finds a 32-bit C library, which these do not need.
  await Deno.writeTextFile(
    join(roms, "config.mak"),
    `TOPSRC_DIR=/build/source\nCC=gcc\nOBJCOPY=objcopy\nPYTHON=python3\n`,
  );
  await runInRoom("make", ["-C", "/build/objects/pc-bios/optionrom", "all"], view, {
    ...{ ...how, purpose },
  });

  const name = "qemu-system-x86_64";
  await runInRoom("strip", ["-s", "-o", `/out/${name}`, `/build/objects/${name}`], view, {
    ...{ ...how, purpose: `strip ${what}` },
  });
  await Deno.mkdir(join(dir, "firmware"));
  for (const rom of optionRoms) {
    await Deno.copyFile(join(roms, rom), join(dir, "firmware", rom));
  }
  await Deno.copyFile(join(source, "VERSION"), join(dir, "version"));
}

/** configure must not find what else this system happens to have. */
const onlyLibraries = {
  PKG_CONFIG_LIBDIR: ["usr/lib/x86_64-linux-gnu/pkgconfig", "usr/share/pkgconfig"]
    .map((place) => `/in/libraries/${place}`).join(":"),
  PKG_CONFIG_SYSROOT_DIR: "/in/libraries",
};

async function addFirmware(seabios: FetchedDeb, scratch: string, dir: string): Promise<void> {
  const unpacked = join(scratch, "seabios");
  await unpackPackage(seabios.path, unpacked);
  for (const image of biosImages) {
    await Deno.copyFile(
      join(unpacked, "usr/share/seabios", image),
      join(dir, "firmware", image),
    );
  }
}

async function describe(
  entry: CacheEntry,
  drift: boolean,
  seconds: number,
): Promise<BuiltEmulator> {
  const { digest, dir, built } = entry;
  return {
    digest,
    dir,
    qemu: join(dir, "qemu-system-x86_64"),
    firmwareDir: join(dir, "firmware"),
    version: (await Deno.readTextFile(join(dir, "version"))).trim(),
    drift,
    seconds,
    built,
  };
}
