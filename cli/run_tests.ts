// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from "@std/path";
import { LabError } from "../base/errors.ts";
import { wholeVariable } from "../base/whole_tests.ts";
import { cacheRoot } from "../store/cache.ts";
import { removeIfThere } from "../base/files.ts";
import { run } from "../base/process.ts";

const root = join(import.meta.dirname!, "..");

export interface TestRequest {
  /** Without the tests that boot something. */
  quick: boolean;
  /** Only the tests that try made-up inputs, with so many of them. */
  fuzz?: number | undefined;
  /** Only these of tests/, with all of their cases; none: everything. */
  names: readonly string[];
}

/** Tests that try made-up inputs; base/testdata/fuzz.ts says how many. */
const fuzzTests = ["cli/fuzz_test.ts", "bench/experiment_property_test.ts"];

/** Boot tests run whole trials; the first of them may have to build everything. */
const limit_s = 3 * 3600;

/** What tests may do: as much as `lab run` itself. */
function testPermissions(): string[] {
  const writable = [cacheRoot(), join(root, "reports"), Deno.env.get("TMPDIR") ?? "/tmp"];
  return [
    "--no-prompt",
    "--allow-read",
    "--allow-env",
    `--allow-write=${writable.join(",")}`,
    "--allow-run=setpriv",
    // To drive a browser on this machine.
    "--allow-net=127.0.0.1",
    "--allow-sys",
  ];
}

/**
 * `lab test`: form, lint, types and tests; `--quick` leaves out the tests that boot something.
 * Ends with the line "N passed, N failed", in which a failed check counts as one more failure.
 */
export async function test({ quick, fuzz, names }: TestRequest): Promise<number> {
  const chosen = fuzz === undefined ? await bootTests(names) : fuzzTests;
  let failed = 0;
  for (const check of [["fmt", "--check", "--quiet"], ["lint", "--quiet"], ["check", "--quiet"]]) {
    const ok = await deno(check) === 0;
    console.log(`deno ${check[0]}: ${ok ? "ok" : "failed"}`);
    if (!ok) failed++;
  }
  const tests = await runTests(quick, chosen, {
    ...(fuzz === undefined ? {} : { LAB_FUZZ_INPUTS: String(fuzz) }),
    ...(names.length === 0 ? {} : { [wholeVariable()]: "1" }),
  });
  failed += tests.failed;
  console.log(`${tests.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Files of the tests of these names. */
async function bootTests(names: readonly string[]): Promise<string[]> {
  const ending = "_test.ts";
  const there = (await Array.fromAsync(Deno.readDir(join(root, "tests")), ({ name }) => name))
    .filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)).sort();
  for (const name of names) {
    if (there.includes(name)) continue;
    throw new LabError(
      `Cannot test "${name}": there is no such test`,
      `There are ${there.join(", ")}`,
    );
  }
  return names.map((name) => `tests/${name}${ending}`);
}

/** @param files all where there are none */
async function runTests(
  quick: boolean,
  files: readonly string[],
  env: Record<string, string>,
): Promise<{ passed: number; failed: number }> {
  const results = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const ignored = quick ? ["--ignore=tests"] : [];
    // Types were checked just before.
    const options = [
      "--no-check",
      "--frozen",
      "--cached-only",
      `--junit-path=${results}`,
      "--permit-no-files",
    ];
    const status = await deno(
      ["test", ...options, ...ignored, ...testPermissions(), ...files],
      env,
    );
    return counts(await Deno.readTextFile(results), status);
  } finally {
    await removeIfThere(results);
  }
}

/** Reads the totals of the runner's JUnit file. A file that does not load has no totals at all. */
export function counts(junit: string, status: number): { passed: number; failed: number } {
  const suites = /<testsuites [^>]*>/.exec(junit)?.[0] ?? "";
  const total = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suites)?.[1] ?? 0);
  const skipped = [...junit.matchAll(/<skipped\b/g)].length;
  const bad = total("failures") + total("errors");
  const passed = Math.max(0, total("tests") - bad - skipped);
  return { passed, failed: status !== 0 && bad === 0 ? 1 : bad };
}

async function deno(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<number> {
  const { status } = await run(Deno.execPath(), args, {
    cwd: root,
    env: {
      XDG_CACHE_HOME: dirname(cacheRoot()),
      DENO_DIR: join(cacheRoot(), "deno"),
      NO_COLOR: "1",
      ...env,
    },
    inherit: true,
    accept: [1],
    timeLimit_s: limit_s,
    purpose: `run deno ${args[0]}`,
  });
  return status;
}
