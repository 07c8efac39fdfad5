// SPDX-License-Identifier: Apache-2.0
/**
 * Builds Bochs: the emulator of hosts whose processor QEMU does not have. It has Intel's virtualization
 * as well as AMD's, so that one machine can be had in both. The firmware is the lab's own (rom.S).
 */
import { join } from "@std/path";
import { sha256OfFile, sha256OfJson } from "../../base/digest.ts";
import { type Report, reportToStderr } from "../../base/report.ts";
import { fasterCompilers } from "../../debian/huge_pages.ts";
import { applyPatches, patchesIn } from "../../debian/patches.ts";
import { fetchPoolFile, type LockedPoolFile } from "../../debian/pool.ts";
import { lockedSysrootDigest, type Sysroot, sysroot } from "../../debian/sysroot.ts";
import { withCompileJobs } from "../../debian/compile_jobs.ts";
import { builtBy, runInRoom } from "../../debian/room.ts";
import { cached, type CacheEntry, findCached, newLog, withScratch } from "../../store/cache.ts";
import lock from "./lock.json" with { type: "json" };

export interface BuiltBochs {
  /** Digest of everything it was built from. */
  digest: string;
  dir: string;
  /** The program. */
  bochs: string;
  /** The firmware, without an MP table. */
  rom: string;
  /** Such as "3.0". */
  version: string;
  /** The libraries are not those of the lock. */
  drift: boolean;
  /** Wall time of this call. */
  seconds: number;
  /** Whether this call built it. */
  built: boolean;
}

/** Raised when the way of building changes in a manner that may change the result. */
const recipeVersion = 1;

const buildRoom_mib = 400;
const unpackLimit_s = 120;
const buildLimit_s = 6 * 3600;

/**
 * No screen, no sound, no disk images: a processor with its chipset and a serial port. Several CPUs
 * are compiled in for all, so that machines with one and with two have one emulator.
 */
const configureSwitches = [
  ...["--enable-cpu-level=6", "--enable-x86-64", "--enable-smp"],
  ...["--enable-vmx=2", "--enable-svm", "--enable-avx", "--enable-evex"],
  ...["--enable-all-optimizations", "--disable-large-ramfile", "--disable-readline"],
  ...["--disable-docbook", "--with-nogui"],
];

const patchFolder = join(import.meta.dirname!, "patches");
const romSource = join(import.meta.dirname!, "rom.S");
const what = "the emulator Bochs";

/** Of the locked version. */
const version = lock.bochs.version.replace(/\+.*$/, "");

/**
 * Gives the emulator, from the cache or built now.
 *
 * @throws {LabError} when its source cannot be fetched, a patch does not apply or the build fails.
 */
export async function buildBochs(report: Report = reportToStderr): Promise<BuiltBochs> {
  const began_ms = performance.now();
  const ready = await findBochs(report);
  if (ready !== undefined) return ready;

  const archive = await fetchPoolFile(lock.bochs as LockedPoolFile, { report });
  const libraries = await sysroot(report);
  const patches = await patchesIn(patchFolder);
  const digest = await digestFor(patches, libraries.digest);
  const entry = await cached(
    "bochs",
    digest,
    (dir) =>
      withScratch(`bochs-build-${digest.slice(0, 12)}`, async (scratch) => {
        const log = await newLog(`bochs-${digest.slice(0, 12)}`);
        await build({ archive, libraries, patches }, { scratch, dir, log }, report);
        await buildRom(scratch, dir);
      }),
    { what, needs_mib: buildRoom_mib, report },
  );
  return describe(entry, libraries.drift, (performance.now() - began_ms) / 1000);
}

/** The emulator of the lock if it is in the cache. */
export async function findBochs(report: Report = reportToStderr): Promise<BuiltBochs | undefined> {
  const digest = await digestFor(await patchesIn(patchFolder), lockedSysrootDigest());
  const entry = await findCached("bochs", digest, { what, report });
  return entry === undefined ? undefined : describe(entry, false, entry.seconds);
}

async function digestFor(patches: readonly string[], libraries: string): Promise<string> {
  return sha256OfJson({
    recipeVersion,
    configureSwitches,
    sources: { bochs: lock.bochs.file.sha256, libraries },
    patchesSha256: await Promise.all(patches.map(sha256OfFile)),
    romSha256: await sha256OfFile(romSource),
    tools: builtBy(),
  });
}

interface Sources {
  archive: string;
  libraries: Sysroot;
  patches: readonly string[];
}

interface Places {
  scratch: string;
  dir: string;
  log: string;
}

async function build(
  { archive, libraries, patches }: Sources,
  { scratch, dir, log }: Places,
  report: Report,
): Promise<void> {
  const source = join(scratch, "source");
  await Deno.mkdir(source);
  report(`unpacking ${what} ${version}`);
  await runInRoom(
    "tar",
    ["-xJf", "/in/source.tar.xz", "--strip-components=1", "--no-same-owner"],
    { read: { "/in/source.tar.xz": archive }, write: { "/build": source } },
    { cwd: "/build", purpose: `unpack ${archive}`, timeLimit_s: unpackLimit_s, log },
  );
  await applyPatches(source, patches, false, report);

  report(`configuring ${what}`);
  /* The folder must not get into the program, nor the day: the compiler takes it from this variable. */
  const prefixes = "-ffile-prefix-map=/build=/samepage -ffile-prefix-map=/in/libraries=";
  const flags = `-O2 -w -pipe ${prefixes}`;
  const faster = await fasterCompilers(report);
  const env = {
    ...faster.env,
    ...{ SOURCE_DATE_EPOCH: "0", CFLAGS: flags, CXXFLAGS: flags },
    ...{ CC: "gcc --sysroot=/in/libraries", CXX: "g++ --sysroot=/in/libraries" },
  };
  const view = {
    read: { ...faster.read, "/in/libraries": libraries.dir },
    write: { "/build": scratch, "/out": dir },
  };
  const how = { cwd: "/build/source", env, timeLimit_s: buildLimit_s, log, report };
  await runInRoom("./configure", configureSwitches, view, {
    ...how,
    purpose: `configure ${what}`,
  });
  report(`compiling ${what}`);
  await withCompileJobs(
    what,
    report,
    (jobs) =>
      runInRoom("make", [`-j${jobs}`, "LDFLAGS=-all-static", "bochs"], view, {
        ...{ ...how, purpose: `build ${what}` },
      }),
  );
  await runInRoom("strip", ["-s", "-o", "/out/bochs", "/build/source/bochs"], view, {
    purpose: `strip ${what}`,
    timeLimit_s: 60,
  });
}

/** The firmware is nothing but its bytes: an object file whose only section becomes the file. */
async function buildRom(scratch: string, dir: string): Promise<void> {
  const how = { purpose: "build the firmware", timeLimit_s: 60 };
  const view = { read: { "/in/rom.S": romSource }, write: { "/build": scratch, "/out": dir } };
  const [object, image] = ["/build/rom.o", "/out/rom.bin"];
  await runInRoom("gcc", ["-c", "-o", object, "/in/rom.S"], view, how);
  const form = ["-m", "elf_x86_64", "-Ttext=0", "--oformat", "binary"];
  await runInRoom("ld", [...form, "-o", image, object], view, how);
}

function describe({ digest, dir, built }: CacheEntry, drift: boolean, seconds: number): BuiltBochs {
  const program = { bochs: join(dir, "bochs"), rom: join(dir, "rom.bin") };
  return { digest, dir, ...program, version, drift, seconds, built };
}
