/**
 * The kernel's own tests of KVM and KSM, from the same source as the kernel: static programs that
 * run in the emulated host.
 */
import { join } from "@std/path";
import { cached, newLog, withScratch } from "../store/cache.ts";
import { fetchDeb, type LockedDeb } from "../debian/debian.ts";
import { filesBelow, sha256OfJson } from "../base/digest.ts";
import { LabError } from "../base/errors.ts";
import { compilerEnvironment } from "../debian/huge_pages.ts";
import { run } from "../base/process.ts";
import { type Report, reportToStderr } from "../base/report.ts";
import { buildTools, compileJobs, toolchain } from "../debian/toolchain.ts";
import lock from "../kernel/lock.json" with { type: "json" };
import { patchedCopy, unpackMore, withTree } from "../kernel/source.ts";
import type { KernelLine } from "../kernel/variants.ts";

export interface Selftests {
  /** Names of the tests of KVM -> programs. */
  kvm: Record<string, string>;
  /** Of the tests of KSM. */
  ksm: Record<string, string>;
}

const recipeVersion = 1;
const buildRoom_mib = 2500;
const buildLimit_s = 3600;

/** Where a line has its tests, and what has to be defined for them to compile. */
const places: Record<KernelLine, { mm: string; ksm: string[]; flags: string }> = {
  /* 6.1.192's dirty_log_test.c uses a name that only later versions have. */
  "6.1": { mm: "vm", ksm: ["ksm_tests"], flags: "-DTEST_ASSERT_EQ=ASSERT_EQ" },
  "6.12": { mm: "mm", ksm: ["ksm_tests", "ksm_functional_tests"], flags: "" },
};

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
  const deb = await fetchDeb(lock[line] as LockedDeb, { report });
  const place = places[line];
  const digest = sha256OfJson({
    recipeVersion,
    place,
    source: deb.sha256,
    tools: await toolchain(),
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
            await compile(source, scratch, line, dir, report);
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
  source: string,
  scratch: string,
  line: KernelLine,
  dir: string,
  report: Report,
): Promise<void> {
  const { mm, ksm, flags } = places[line];
  const what = `the kernel's own tests of ${line}`;
  const log = await newLog(`selftests-${line}`);
  const headers = join(scratch, "headers");
  const options = { purpose: `build ${what}`, timeLimit_s: buildLimit_s, log };
  const env = { ...await compilerEnvironment(report), LDFLAGS: "-static", CFLAGS: flags };
  report(`compiling ${what}`);
  for (const target of ["allnoconfig", "headers"]) {
    await run("make", ["-s", "-C", source, `O=${headers}`, target], options);
  }
  const includes = `KHDR_INCLUDES=-isystem ${join(headers, "usr/include")}`;
  const selftests = join(source, "tools/testing/selftests");
  const kvm = join(scratch, "kvm");
  await Deno.mkdir(kvm);
  await run(
    "make",
    ["-C", join(selftests, "kvm"), "-k", `-j${compileJobs()}`, `OUTPUT=${kvm}`, includes],
    { ...options, env, accept: [2] },
  );
  await keepPrograms(kvm, join(dir, "kvm"));
  /* Compiled one by one: the Makefile builds all of the tests of mm or none. */
  const programs = join(scratch, "ksm");
  await Deno.mkdir(programs);
  for (const name of ksm) {
    const from = join(selftests, mm);
    const helpers = mm === "mm" ? ["vm_util.c", "thp_settings.c"] : [];
    await run("gcc", [
      ...["-O2", "-static", "-D_GNU_SOURCE", "-o", join(programs, name)],
      ...["-I", source, "-I", join(source, "tools/include"), "-isystem"],
      join(headers, "usr/include"),
      ...[join(from, `${name}.c`), ...helpers.map((helper) => join(from, helper)), "-lnuma"],
    ], options);
  }
  await keepPrograms(programs, join(dir, "ksm"));
  if ((await filesBelow(join(dir, "kvm"))).length === 0) {
    throw new LabError(`Cannot build ${what}: not a single test of KVM compiles`, `See ${log}`);
  }
}

/** Stripped, and all in one folder: names are unique. */
async function keepPrograms(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for (const path of await filesBelow(from)) {
    const { mode } = await Deno.stat(join(from, path));
    if ((mode! & 0o111) === 0 || path.endsWith(".o")) continue;
    const name = path.slice(path.lastIndexOf("/") + 1);
    await run("strip", ["-s", "-o", join(to, name), join(from, path)], {
      env: buildTools,
      purpose: `strip ${name}`,
      timeLimit_s: 60,
    });
  }
}
