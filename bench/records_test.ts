// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertNotEquals } from "@std/assert";
import { sha256 } from "../base/digest.ts";
import { readClosedRecords, writeRecords } from "./records.ts";
import { runDigest } from "./run_folder.ts";
import type { TrialEntry } from "../contract/run_file.ts";

const lines = '{"t_ns":1,"phase":"boot","kind":"plan"}\n{"t_ns":9,"phase":"end","kind":"phase"}\n';
const bytes = new TextEncoder().encode(lines);

async function written(records: Uint8Array, closed: boolean): Promise<string> {
  const path = await Deno.makeTempFile();
  await writeRecords(path, records, closed);
  const text = await Deno.readTextFile(path);
  await Deno.remove(path);
  return text;
}

Deno.test("writeRecords() closes the file with the count and the digest of what is before", async () => {
  const text = await written(bytes, true);
  assertEquals(text.slice(0, lines.length), lines);
  assertEquals(JSON.parse(text.slice(lines.length)), {
    t_ns: 9,
    phase: "end",
    kind: "end",
    records: 2,
    sha256: sha256(bytes),
  });
});

Deno.test("writeRecords() leaves a failed trial's file open", async () => {
  assertEquals(await written(bytes, false), lines);
});

Deno.test("runDigest() does not depend on the order in which trials ran", () => {
  const entry = (identity: string, digest: string) =>
    ({ identity, digest, status: "done" }) as TrialEntry;
  const one = runDigest([entry("a", "1"), entry("b", "2")]);
  assertEquals(runDigest([entry("b", "2"), entry("a", "1")]), one);
  assertNotEquals(runDigest([entry("a", "1"), entry("b", "3")]), one);
});

Deno.test("readClosedRecords() gives back what was written, and nothing of a damaged file", async () => {
  const path = await Deno.makeTempFile();
  await writeRecords(path, bytes, true);
  assertEquals(await readClosedRecords(path), bytes);
  const whole = await Deno.readFile(path);
  await Deno.writeFile(path, whole.with(3, 0x79));
  assertEquals(await readClosedRecords(path), undefined);
  await Deno.writeFile(path, whole.subarray(0, whole.length - 5));
  assertEquals(await readClosedRecords(path), undefined);
  await writeRecords(path, bytes, false);
  assertEquals(await readClosedRecords(path), undefined);
  await Deno.remove(path);
  assertEquals(await readClosedRecords(path), undefined);
});
