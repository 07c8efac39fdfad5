// SPDX-License-Identifier: Apache-2.0
/** A pack is checked from itself alone, and one whose numbers were made up is found out. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readArchive, writeArchive } from "../packs/archive.ts";
import { emulatorPath } from "../packs/binaries.ts";
import { withScratch } from "../store/cache.ts";
import { sha256OfFile } from "../base/digest.ts";
import { exists } from "../base/files.ts";
import { run } from "../base/process.ts";
import { writeRecords } from "../bench/records.ts";
import { runDigest, RunFolder } from "../bench/run_folder.ts";
import { runFileName, writeRunFile } from "../contract/run_file.ts";
import { lab, removeRun, runLine } from "./lab.ts";

interface Packed {
  path: string;
  sha256: string;
}

async function packed(run: string): Promise<Packed> {
  const { status, stdout, stderr } = await lab("pack", run, "--json");
  assertEquals(status, 0, stderr);
  const { path, sha256 } = JSON.parse(stdout);
  return { path: join(import.meta.dirname!, "..", path), sha256 };
}

/** The pack's own script, with nothing in its environment but a path. */
function reproduce(pack: string, ...args: string[]) {
  return run("env", ["-i", "PATH=/usr/bin:/bin", join(pack, "reproduce"), ...args], {
    purpose: "reproduce a pack",
    timeLimit_s: 600,
    accept: [1, 2],
  });
}

Deno.test("a pack has the same bytes twice and is verified from itself alone", async () => {
  const answer = await lab("run", "smoke", "--set", "arm=on", "--json");
  const { run } = runLine(answer);
  const first = await packed(run);
  try {
    assertEquals((await packed(run)).sha256, first.sha256);
    await removeRun(run);
    const verified = await lab("verify", first.path, "--sample", "1");
    assertEquals(verified.status, 0, verified.stderr);
    assertStringIncludes(verified.stdout, "1 the same, 0 different");

    await withScratch(`test-${run}`, async (scratch) => {
      const pack = join(scratch, await readArchive(first.path, scratch));
      const reproduced = await reproduce(pack, "--sample", "1");
      assertEquals(reproduced.status, 0, reproduced.stderr);
      assertStringIncludes(reproduced.stdout, "1 the same, 0 different");

      await Deno.writeTextFile(join(pack, "tables/trials.csv"), "trial\n");
      const damaged = await reproduce(pack);
      assertEquals(damaged.status, 2);
      assertStringIncludes(damaged.stdout + damaged.stderr, "tables/trials.csv");

      await makeUp(pack);
      const madeUp = join(scratch, "made-up.tar.zst");
      await writeArchive(madeUp, pack, run);
      const found = await lab("verify", madeUp);
      assertEquals(found.status, 1, found.stderr);
      assertStringIncludes(found.stderr, "kind exits, guest 0, field count: was 4711, is");
      const shown = await reproduce(pack);
      assertEquals(shown.status, 1);
      assert(/line \d+ was: .*"count":4711}/.test(shown.stdout), shown.stdout);

      /* Another program in the emulator's place sees neither a shell nor what is beside the pack. */
      const escaped = join(scratch, "escaped");
      await Deno.writeTextFile(join(pack, emulatorPath), `#!/bin/sh\necho >'${escaped}'\n`);
      await seal(pack);
      const caged = await reproduce(pack);
      assertEquals(caged.status, 1, caged.stderr);
      assertStringIncludes(caged.stdout, "FAILED: the emulator ended with status 127");
      assert(!await exists(escaped), "it wrote outside of its folder");
    });
  } finally {
    await Deno.remove(first.path);
  }
});

/** Changes a number in the records of a pack, and every digest that could tell. */
async function makeUp(pack: string): Promise<void> {
  const { record, ...folder } = await RunFolder.open(pack);
  const [entry] = record.trials;
  const path = join(folder.dir, entry!.records);
  const text = (await Deno.readTextFile(path)).replace(/("kind":"exits".*?"count":)\d+/, "$14711");
  const records = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1);
  const { digest } = await writeRecords(path, new TextEncoder().encode(records), true);
  const before = entry!.digest!;
  entry!.digest = digest;
  record.digest = runDigest(record.trials);
  await writeRunFile(join(pack, runFileName), record);
  const table = join(pack, "replay/trials.tsv");
  await Deno.writeTextFile(table, (await Deno.readTextFile(table)).replace(before, digest));
  await seal(pack);
}

/** Gives all files of a pack the digests that they have. */
async function seal(pack: string): Promise<void> {
  const sums = join(pack, "SHA256SUMS");
  const names = (await Deno.readTextFile(sums)).trimEnd().split("\n").map((line) => line.slice(66));
  const lines = await Promise.all(
    names.map(async (name) => `${await sha256OfFile(join(pack, name))}  ${name}\n`),
  );
  await Deno.writeTextFile(sums, lines.join(""));
}
