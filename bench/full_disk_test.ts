// SPDX-License-Identifier: Apache-2.0
/** A disk that fills up at any write is named; nothing is lost, and what was begun can go on. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { run } from "../base/process.ts";

const here = import.meta.dirname!;

/** Does one of the cases of testdata/full_disk.ts, on small file systems that nobody else sees. */
async function onSmallDisks(what: string): Promise<Record<string, unknown>> {
  const dir = await Deno.makeTempDir();
  const [disk, cache] = [join(dir, "disk"), join(dir, "cache")];
  const config = join(here, "..", "deno.json");
  const flags = ["--no-check", "--cached-only", "--no-prompt", "-A", "--config", config];
  const script = 'mount -t tmpfs -o size=64m tmpfs "$1"; mount -t tmpfs -o size=64m tmpfs "$2"; ' +
    'shift 2; exec "$@"';
  const words = [disk, cache, Deno.execPath(), "run", ...flags];
  try {
    await Deno.mkdir(disk);
    await Deno.mkdir(cache);
    const { stdout } = await run("unshare", [
      ...["-rm", "sh", "-ec", script, "sh", ...words],
      ...[join(here, "testdata", "full_disk.ts"), what, disk, cache],
    ], {
      ...{ purpose: `fill a disk at ${what}`, timeLimit_s: 120 },
      env: { DENO_DIR: Deno.env.get("DENO_DIR") ?? "", XDG_CACHE_HOME: cache, NO_COLOR: "1" },
    });
    return JSON.parse(stdout.replaceAll(dir, "DIR"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const full = (disk: string) => `no space is left on the disk (DIR/${disk}, 0 MiB free)`;

Deno.test("a disk that fills up at the records leaves the trial waiting", async () => {
  const { message, then, begunAgain, end } = await onSmallDisks("records");
  assertStringIncludes(String(message), `.jsonl: ${full("disk")}`);
  assertEquals(then, ["waiting", "waiting"]);
  /* The first is known from the store. */
  assertEquals([begunAgain, end], [1, ["done", "done"]]);
});

Deno.test("a disk that fills up at ended.jsonl loses no trial whose records are there", async () => {
  const { message, then, begunAgain, end } = await onSmallDisks("ended.jsonl");
  assertStringIncludes(String(message), `ended.jsonl: ${full("disk")}`);
  assertEquals(then, ["waiting", "waiting"]);
  assertEquals([begunAgain, end], [1, ["done", "done"]]);
});

Deno.test("a run that has no room to begin is refused", async () => {
  const { message } = await onSmallDisks("the first run.json");
  assertStringIncludes(String(message), `asked.json: ${full("disk")}`);
});

Deno.test("a cache that fills up keeps no trial for other runs, and the run goes on", async () => {
  const { message, end } = await onSmallDisks("the store of trials");
  assertStringIncludes(String(message), "cannot be kept for other runs");
  assertStringIncludes(String(message), "0 MiB free in DIR/cache");
  assertEquals(end, ["done", "done"]);
});

Deno.test("a cache that fills up within a build is named, and left as it was", async () => {
  const { message, left, built } = await onSmallDisks("a cache entry");
  assertStringIncludes(String(message), full("cache"));
  assertEquals([left, built], [[], true]);
});

Deno.test("a disk that fills up at the report is named, and the report can be made later", async () => {
  const { message, index } = await onSmallDisks("report");
  assertStringIncludes(String(message), full("disk"));
  assertEquals(index, true);
});

Deno.test("a disk that is full when a run is to be locked is named, and no lock stays", async () => {
  const { message, left } = await onSmallDisks("lock");
  assertStringIncludes(String(message), `lock: ${full("disk")}`);
  assertEquals(left, ["asked.json", "run.json", "trials"]);
});

Deno.test("room for a trial's output is kept for good, or the full disk is named", async () => {
  const { message, size } = await onSmallDisks("room for a trial's output");
  assertStringIncludes(String(message), "output: no space left on device (DIR/disk");
  assertEquals(size, 2 ** 20);
});
