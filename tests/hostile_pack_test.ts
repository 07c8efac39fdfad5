// SPDX-License-Identifier: Apache-2.0
/** A pack whose emulator only says what it was told to say is not believed like the lab's own. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { filesBelow, sha256OfFile } from "../base/digest.ts";
import { plan } from "../bench/plan.ts";
import { readClosedRecords, writeRecords } from "../bench/records.ts";
import { runDigest, RunFolder } from "../bench/run_folder.ts";
import { runFileName, writeRunFile } from "../contract/run_file.ts";
import { compileProgram } from "../images/programs.ts";
import { readArchive, writeArchive } from "../packs/archive.ts";
import { emulatorPath, firmwarePath, packedHost } from "../packs/binaries.ts";
import { packReplay, replayOf } from "../packs/replay.ts";
import { withScratch } from "../store/cache.ts";
import { type Answer, lab, removeRun, runLine } from "./lab.ts";

/** The records of the only trial, with a count that was never measured. */
async function madeUpRecords(pack: string): Promise<Uint8Array> {
  const { record, dir } = await RunFolder.open(pack);
  const records = await readClosedRecords(join(dir, record.trials[0]!.records));
  const text = new TextDecoder().decode(records);
  return new TextEncoder().encode(text.replace(/("kind":"exits".*?"count":)\d+/, "$14711"));
}

/** Makes everything in the pack fit to its emulator, as somebody would who wants to be believed. */
async function sealPack(pack: string, madeUp: Uint8Array): Promise<void> {
  const host = await packedHost(pack);
  const { record } = await RunFolder.open(pack);
  const [trial] = plan(record.experiment, (settings) => host.inputsOf(settings));
  const [entry] = record.trials;
  const { digest } = await writeRecords(join(pack, entry!.records), madeUp, true);
  Object.assign(entry!, { identity: trial!.identity, digest });
  record.inputs = host.described.inputs;
  record.digest = runDigest(record.trials);
  await writeRunFile(join(pack, runFileName), record);
  await packReplay(await replayOf([{ trial: trial!, entry: entry! }], host.parts), pack);
  const names = (await filesBelow(pack)).filter((name) => name !== "SHA256SUMS");
  const sums = await Promise.all(
    names.map(async (name) => `${await sha256OfFile(join(pack, name))}  ${name}\n`),
  );
  await Deno.writeTextFile(join(pack, "SHA256SUMS"), sums.join(""));
}

function outcomeOf({ stdout, stderr }: Answer): { outcome: string; foreign: string[] } {
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

Deno.test("a pack whose emulator prints the pack's own records is never just the same", async () => {
  const { run } = runLine(await lab("run", "smoke", "--set", "arm=on", "--json"));
  const packing = await lab("pack", run, "--json");
  assertEquals(packing.status, 0, packing.stderr);
  const path = join(import.meta.dirname!, "..", JSON.parse(packing.stdout).path);
  const testdata = join(import.meta.dirname!, "testdata");
  const forger = await compileProgram(
    "forger",
    [testdata],
    [join(testdata, "forger.c")],
    "an emulator that emulates nothing",
    () => {},
  );
  await removeRun(run);
  try {
    const honest = outcomeOf(await lab("verify", path, "--json"));
    assertEquals([honest.outcome, honest.foreign], ["the same", []]);

    await withScratch(`hostile-${run}`, async (scratch) => {
      const pack = join(scratch, await readArchive(path, scratch));
      const hostile = join(scratch, "hostile.tar.zst");
      const records = await madeUpRecords(pack);
      await Deno.writeFile(join(pack, firmwarePath, "records"), records);
      await Deno.copyFile(forger, join(pack, emulatorPath));
      await sealPack(pack, records);
      await writeArchive(hostile, pack, run);

      const refused = await lab("verify", hostile);
      assertEquals(refused.status, 2, refused.stdout);
      assertStringIncludes(refused.stderr, "emulator 7.2.22");
      assertStringIncludes(refused.stderr, "--trust-programs");
      assertEquals(refused.stdout, "");

      const trusted = await lab("verify", hostile, "--trust-programs", "--json");
      assertEquals(trusted.status, 0, trusted.stderr);
      const { outcome, foreign } = outcomeOf(trusted);
      assertEquals(outcome, "the same, by the pack's own programs");
      assertEquals(foreign, ["emulator", "firmware"]);

      const own = await lab("verify", hostile, "--own-emulator", "--json");
      assertEquals(own.status, 1, own.stderr);
      assertEquals(outcomeOf(own).outcome, "different");
      assertStringIncludes(own.stderr, "field count: was 4711, is");

      /* Its interpreter is none of its files. */
      const script = "#!/bin/sh\nfor word; do case $word in *mem-path=*) exit 0 ;; esac; done\n";
      await Deno.writeTextFile(join(pack, emulatorPath), script);
      await sealPack(pack, records);
      await Deno.remove(hostile);
      await writeArchive(hostile, pack, run);
      const scripted = await lab("verify", hostile, "--trust-programs", "--json");
      assertEquals(scripted.status, 1, scripted.stderr);
      assertEquals(outcomeOf(scripted).outcome, "different");
    });
  } finally {
    await Deno.remove(path);
  }
});
