// SPDX-License-Identifier: Apache-2.0
/** `lab verify` finds what differs, and names the inputs that do before it says so. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { sha256 } from "../base/digest.ts";
import { readClosedRecords, writeRecords } from "../bench/records.ts";
import { runDigest, RunFolder } from "../bench/run_folder.ts";
import type { RunFile } from "../contract/run_file.ts";
import { type Answer, lab, removeRun, reportPath, runLine } from "./lab.ts";

/** A run of one trial, as someone else might hand it over. */
async function withRun(test: (folder: RunFolder) => Promise<void>): Promise<void> {
  const answer = await lab("run", "smoke", "--set", "arm=on", "--json");
  assertEquals(answer.status, 0, answer.stderr);
  const { run } = runLine(answer);
  try {
    await test(await RunFolder.open(reportPath(run, "")));
  } finally {
    await removeRun(run);
  }
}

/** Verifies the run after a change to its run.json, which is then sealed again. */
async function verifyWith(
  folder: RunFolder,
  change: (record: RunFile) => void,
): Promise<Answer> {
  const before = structuredClone(folder.record);
  change(folder.record);
  await folder.save();
  const answer = await lab("verify", folder.dir);
  Object.assign(folder.record, before);
  await folder.save();
  return answer;
}

Deno.test("lab verify names other inputs with both versions, and then the first difference", () =>
  withRun(async (folder) => {
    const [trial] = folder.record.trials;
    const path = folder.recordsPath(trial!);
    const records = new TextDecoder().decode(await readClosedRecords(path));
    const changed = records.replace(
      /("kind":"exits".*"count":)(\d+)/,
      (_, head, count) => head + (Number(count) + 1),
    );
    await writeRecords(path, new TextEncoder().encode(changed), true);
    const { status, stderr } = await verifyWith(folder, (record) => {
      record.inputs.compiler = { digest: "c".repeat(64), version: "gcc 11.1.0" };
      record.inputs.emulator = { digest: "e".repeat(64), version: "7.1.0" };
      record.trials[0]!.digest = sha256(changed);
      record.digest = runDigest(record.trials);
    });
    assertEquals(status, 1, stderr);
    assertMatch(
      stderr,
      /Other input: compiler: was gcc 11\.1\.0 \(cccccccccccc\), is gcc \(Debian/,
    );
    assertMatch(
      stderr,
      /Other input: emulator: was 7\.1\.0 \(eeeeeeeeeeee\), is 7\.2\.22 \(\w{12}\)/,
    );
    assertMatch(
      stderr,
      /DIFFERS with another compiler, emulator: line \d+, phase boot, kind exits, guest 0, field count: was \d+, is \d+/,
    );
    await writeRecords(path, new TextEncoder().encode(records), true);
  }));

Deno.test("lab verify refuses drifted runs, and finds other settings and a changed run.json", () =>
  withRun(async (folder) => {
    const drifted = await verifyWith(folder, (record) => record.drift = true);
    assertEquals(drifted.status, 2);
    assertStringIncludes(drifted.stderr, "digit by digit");
    assertStringIncludes(drifted.stderr, "has drifted");

    const other = await verifyWith(folder, ({ trials }) => trials[0]!.settings.guests = 3);
    assertEquals(other.status, 1);
    assertStringIncludes(other.stderr, "no trial with its settings: guests was 3, is 2");

    const path = reportPath(folder.record.run, "run.json");
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace('"seed": 1', '"seed": 2'));
    const damaged = await lab("verify", folder.dir);
    assertEquals(damaged.status, 1);
    assertStringIncludes(damaged.stderr, "its checksum differs");
  }));
