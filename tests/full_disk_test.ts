// SPDX-License-Identifier: Apache-2.0
/** A disk that fills up within a real trial is named, the trial waits, and the run can go on. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { run } from "../base/process.ts";
import { casesOf } from "../base/whole_tests.ts";
import { cacheRoot, scratchRoot } from "../store/cache.ts";
import { root } from "./lab.ts";

interface Filled {
  stdout: string;
  stderr: string;
}

/**
 * Runs `smoke` where `disk` is a small file system that something else fills while a trial runs, frees it
 * and goes on. Runs go to a file system of their own, in any case.
 */
async function filled(disk: string, size: string, when: string, args: string): Promise<Filled> {
  const script = `
    mount -t tmpfs -o size=200m tmpfs reports
    mkdir -p "$1"
    [ "$1" = "$PWD/reports" ] || mount -t tmpfs -o "size=$2" tmpfs "$1"
    ./lab run smoke ${args} --fresh --json 2>/tmp/log.$$ &
    until grep -q "$3" /tmp/log.$$ || ! kill -0 $!; do sleep 0.1; done
    dd if=/dev/zero of="$1/filler" bs=64k 2>/dev/null
    wait $!
    echo "status $?"
    cat /tmp/log.$$ >&2
    rm "$1/filler" /tmp/log.$$
    echo "waiting $(grep -c '"status": "waiting"' reports/smoke-*/run.json)"
    ./lab run --resume "$(ls reports | grep smoke)" --json
  `;
  return await run("unshare", ["-rm", "sh", "-c", script, "sh", disk, size, when], {
    ...{ cwd: root, purpose: "run on a full disk", timeLimit_s: 600 },
    env: { XDG_CACHE_HOME: dirname(cacheRoot()) },
  });
}

Deno.test("reports/ that fills up within a trial is named, and the trial is not lost", async () => {
  const { stdout, stderr } = await filled(`${root}/reports`, "", ": boot", "--set arm=on");
  const [status, waiting, line] = stdout.trimEnd().split("\n");
  assertEquals([status, waiting], ["status 2", "waiting 1"], stderr);
  assertStringIncludes(stderr, `no space is left on the disk (${root}/reports, 0 MiB free)`);
  assertStringIncludes(stderr, "To go on: ./lab run --resume smoke-");
  const { failed, trials } = JSON.parse(line!);
  assertEquals([trials, failed], [1, 0]);
  assertEquals(stderr.match(/: merge/g)?.length, 1, `the trial was done twice:\n${stderr}`);
});

Deno.test("a cache that fills up while a machine runs or is saved costs the trial's time alone", async () => {
  const all = ["--jobs 1", "--no-fork --jobs 1 --set arm=on"];
  for (const args of casesOf(all, ([first]) => [first!])) {
    const { stdout, stderr } = await filled(scratchRoot(), "1200m", ": boot", args);
    const [status, waiting, line] = stdout.trimEnd().split("\n");
    assertEquals(status, "status 2", stderr);
    assertEquals(waiting, args.includes("arm=on") ? "waiting 1" : "waiting 2", stderr);
    assertStringIncludes(stderr, "To go on: ./lab run --resume smoke-");
    assertStringIncludes(stderr.toLowerCase(), "no space");
    const { failed, trials } = JSON.parse(line!);
    assertEquals(failed, 0, `of ${trials}:\n${stderr}`);
  }
});
