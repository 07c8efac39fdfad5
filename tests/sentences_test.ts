// SPDX-License-Identifier: Apache-2.0
/** What the system refuses, and what nobody foresaw, ends in words and a status, never in a stack trace. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { run } from "../base/process.ts";
import { cacheRoot } from "../store/cache.ts";
import { root } from "./lab.ts";

/** A script in a folder of its own, with mounts of its own; `$1` is the checkout. */
async function said(script: string): Promise<{ status: string; stderr: string }> {
  const dir = await Deno.makeTempDir();
  try {
    const { stdout, stderr } = await run(
      "unshare",
      ["-rm", "sh", "-c", `${script}\necho "$?"`, "sh", root],
      {
        ...{ cwd: dir, purpose: "call the lab", timeLimit_s: 120 },
        env: { XDG_CACHE_HOME: dirname(cacheRoot()) },
      },
    );
    return { status: stdout.trimEnd().split("\n").at(-1)!, stderr: stderr.replaceAll(dir, "DIR") };
  } finally {
    await run("rm", ["-rf", dir], { purpose: "remove a test's folder", timeLimit_s: 60 });
  }
}

const long = "x".repeat(300);
const readOnly = 'mount -t tmpfs -o ro tmpfs "$1/reports"';
const runFolder = "mkdir run; cp x run/run.json 2>/dev/null";

const refusals: [what: string, script: string, says: string][] = [
  [
    "a folder for an experiment",
    'mkdir x.json; "$1/lab" run ./x.json',
    "it is a folder, not a file",
  ],
  ["a FIFO for an experiment", 'mkfifo x.json; "$1/lab" run ./x.json', "it is a FIFO, not a file"],
  ["a name that is too long", `"$1/lab" run ./${long}.json`, "cannot be the name of a folder"],
  ["a path that is too long", `"$1/lab" query ${long} "SELECT 1"`, "a name is too long"],
  ["a path through a file", 'touch x; "$1/lab" run ./x/y.json', "a part of the path is no folder"],
  ["a run below a file", 'touch x; "$1/lab" report x/y', "Cannot find the run"],
  [
    "a FIFO for run.json",
    `${runFolder}; mkfifo run/run.json; "$1/lab" query run "SELECT 1"`,
    "a FIFO",
  ],
  ["a folder for run.json", `mkdir -p run/run.json; "$1/lab" verify run`, "a folder, not a file"],
  ["reports/ that can only be read", `${readOnly}; "$1/lab" run smoke`, "can only be read"],
  [
    "a cache that can only be read",
    'mkdir c; mount -t tmpfs -o ro tmpfs c; XDG_CACHE_HOME="$PWD/c" "$1/lab" run smoke',
    "cannot be written to",
  ],
  [
    "a comma in the cache's path",
    'XDG_CACHE_HOME="$PWD/a,b" "$1/lab" run smoke',
    "there is a comma or a line break in the path",
  ],
  [
    "a file for the folder of runs",
    'cp -r "$1" lab; rm -rf lab/reports; touch lab/reports; lab/lab run smoke',
    "reports",
  ],
  [
    "a run that lies where the lab may not write",
    'cp -r "$1/reports/reference" run; mv run/reference.json run/run.json; "$1/lab" report run',
    "into reports/ of its own checkout alone",
  ],
  ["few open files", 'ulimit -n 40; "$1/lab" run smoke', "too many open files"],
];

for (const [what, script, says] of refusals) {
  Deno.test(`${what} is refused in a sentence`, async () => {
    const { status, stderr } = await said(script);
    assertEquals(status, what.includes("run.json") && what.includes("folder") ? "1" : "2", stderr);
    assertStringIncludes(stderr, says);
    assert(!/^ {4}at |os error/m.test(stderr), `a stack trace:\n${stderr}`);
  });
}

Deno.test("what nobody foresaw is one line, a file with the trace, and status 70", async () => {
  /* A lab in which a question's file throws as nobody has foreseen. */
  const { status, stderr } = await said(`
    cp -r "$1" lab
    sed -i 's/^export async function experiments.*{$/&\\n  JSON.parse("{")\\n/' lab/cli/experiments.ts
    lab/lab experiments
  `);
  assertEquals(status, "70", stderr);
  assertMatch(
    stderr,
    /^The lab failed in a way that nobody foresaw \(SyntaxError: .*\): please send \S+\.txt to its maintainers\n$/,
  );
  const [, path] = /send (\S+) to/.exec(stderr)!;
  const trace = await Deno.readTextFile(path!);
  await Deno.remove(path!);
  assertStringIncludes(trace, "lab experiments\nSyntaxError");
  assertMatch(trace, /at .*experiments/);
  assert(path!.startsWith(join(cacheRoot(), "crashes")), path);
});
