// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel's own tests of KVM and KSM, from the same source as the kernel: static programs that
 * run in the emulated host.
 */
import { join } from "@std/path";
import { cached, newLog, withScratch } from "../store/cache.ts";
import { filesBelow, sha256OfFile, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { fasterCompilers } from "../debian/huge_pages.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import { withCompileJobs } from "../debian/compile_jobs.ts";
import { builtBy, runInRoom } from "../debian/room.ts";
import { type KernelLine, linesFolder } from "../kernel/lines.ts";
import { fetchOfLine } from "../kernel/lock.ts";
import { seriesOf } from "../kernel/variants.ts";
import { applyPatches, pathsIn } from "../debian/patches.ts";
import { patchedCopy, unpackMore, withTree } from "../kernel/source.ts";

export interface Selftests {
  /** Names of the tests of KVM -> programs. */
  kvm: Record<string, string>;
  /** Of the tests of KSM. */
  ksm: Record<string, string>;
}

const recipeVersion = 1;
const buildRoom_mib = 2500;
const buildLimit_s = 6 * 3600;

/** Where a line has its tests: its `selftests.json`. */
interface Place {
  /** Folder of the tests of memory management. */
  mm: string;
  /** Those of KSM among them. */
  ksm: string[];
  /** What each of these is compiled with. */
  helpers: string[];
  /** What the compiler has to be told for all of them to compile. */
  flags: string;
}

async function placeOf(line: KernelLine): Promise<Place> {
  const text = await Deno.readTextFile(join(linesFolder, line, "selftests.json"));
  const { mm, ksm, helpers, flags } = JSON.parse(text) as Place;
  return { mm, ksm, helpers, flags };
}

/** Patches of the series that add to the kernel's own tests and change nothing else. */
async function addedTests(line: KernelLine): Promise<string[]> {
  const added: string[] = [];
  for (const patch of await seriesOf(line)) {
    const paths = await pathsIn([patch]);
    if (paths.every((path) => path.startsWith("tools/testing/selftests/"))) added.push(patch);
  }
  return added;
}

/**
 * Gives the tests of a line, from the cache or built now. Tests that do not compile are left out,
 * with a warning.
 *
 * @throws {LabError} when none compiles.
 */
export async function buildSelftests(
  line: KernelLine,
  report: Report = reportToStderr,
): Promise<Selftests> {
  const what = `the kernel's own tests of ${line}`;
  const deb = await fetchOfLine(line, "source", report);
  const place = await placeOf(line);
  const added = await addedTests(line);
  const digest = sha256OfJson({
    recipeVersion,
    place: { ...place },
    source: deb.sha256,
    added: await Promise.all(added.map(sha256OfFile)),
    tools: builtBy(),
  });
  const entry = await cached(
    "selftests",
    digest,
    (dir) =>
      withTree(
        deb,
        report,
        (tree) =>
          withScratch(`selftests-${digest.slice(0, 12)}`, async (scratch) => {
            const source = join(scratch, "source");
            await patchedCopy(tree, source, [], false, report);
            await unpackMore(deb, source, ["tools/testing/selftests"]);
            await applyPatches(source, added, deb.drift, report);
            await compile(scratch, line, place, dir, report);
          }),
      ),
    { what, needs_mib: buildRoom_mib, report },
  );
  const programsIn = async (part: string) =>
    Object.fromEntries(
      (await filesBelow(join(entry.dir, part))).map((name) => [name, join(entry.dir, part, name)]),
    );
  return { kvm: await programsIn("kvm"), ksm: await programsIn("ksm") };
}

async function compile(
  scratch: string,
  line: KernelLine,
  { mm, ksm, helpers, flags }: Place,
  dir: string,
  report: Report,
): Promise<void> {
  const what = `the kernel's own tests of ${line}`;
  const log = await newLog(`selftests-${line}`);
  const [inside, headers] = ["/build/source", "/build/headers"];
  const options = { purpose: `build ${what}`, timeLimit_s: buildLimit_s, log, report };
  const faster = await fasterCompilers(report);
  const env = { ...faster.env, LDFLAGS: "-static", CFLAGS: flags };
  const view = { read: faster.read, write: { "/build": scratch } };
  report(`compiling ${what}`);
  for (const target of ["allnoconfig", "headers"]) {
    await runInRoom("make", ["-s", "-C", inside, `O=${headers}`, target], view, options);
  }
  const includes = `KHDR_INCLUDES=-isystem ${headers}/usr/include`;
  const selftests = `${inside}/tools/testing/selftests`;
  const kvm = join(scratch, "kvm");
  await Deno.mkdir(kvm);
  await withCompileJobs(what, report, async (jobs) => {
    await runInRoom(
      "make",
      ["-C", `${selftests}/kvm`, "-k", `-j${jobs}`, "OUTPUT=/build/kvm", includes, ...noDevices],
      view,
      { ...options, env, accept: [2] },
    );
  });
  await keepPrograms(kvm, join(dir, "kvm"));
  /* Compiled one by one: the Makefile builds all of the tests of mm or none. */
  const programs = join(scratch, "ksm");
  await Deno.mkdir(programs);
  for (const name of ksm) {
    const from = `${selftests}/${mm}`;
    await runInRoom(
      "gcc",
      [
        ...["-O2", "-static", "-D_GNU_SOURCE", "-o", `/build/ksm/${name}`],
        ...[inside, `${inside}/tools/include`, selftests].flatMap((path) => ["-I", path]),
        ...["-isystem", `${headers}/usr/include`],
        ...[`${from}/${name}.c`, ...helpers.map((helper) => `${from}/${helper}`), "-lnuma"],
      ],
      view,
      options,
    );
  }
  await keepPrograms(programs, join(dir, "ksm"));
  if ((await filesBelow(join(dir, "kvm"))).length === 0) {
    throw new LabError(`Cannot build ${what}: not a single test of KVM compiles`, `See ${log}`);
  }
}

/**
 * On 7.3 all are linked with drivers for real devices, which need more than a C library; few call
 * them, and those are left out.
 */
const noDevices = ["LIBVFIO_O=", "LDLIBS=-ldl"];

/** Stripped, and all in one folder: names are unique. */
async function keepPrograms(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for (const path of await filesBelow(from)) {
    const { mode } = await Deno.stat(join(from, path));
    if ((mode! & 0o111) === 0 || path.endsWith(".o")) continue;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const view = { read: { "/in/programs": from }, write: { "/out": to } };
    await runInRoom("strip", ["-s", "-o", `/out/${name}`, `/in/programs/${path}`], view, {
      purpose: `strip ${name}`,
      timeLimit_s: 60,
    });
  }
}
