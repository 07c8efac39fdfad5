// SPDX-License-Identifier: Apache-2.0
import { assertEquals } from "@std/assert";
import { sha256 } from "../base/digest.ts";
import { closeRecords, openRecords } from "./closing_line.ts";

const lines = '{"t_ns":1,"phase":"boot","kind":"plan"}\n{"t_ns":9,"phase":"end","kind":"phases"}\n';
const records = new TextEncoder().encode(lines);

function wrongWith(text: string): string {
  const found = openRecords(new TextEncoder().encode(text));
  return "wrong" in found ? `line ${found.line}: ${found.wrong}` : "nothing";
}

Deno.test("closeRecords() puts the count and the digest behind the records", () => {
  const { bytes, count, digest } = closeRecords(records);
  assertEquals([count, digest], [2, sha256(records)]);
  const text = new TextDecoder().decode(bytes);
  assertEquals(text.slice(0, lines.length), lines);
  assertEquals(JSON.parse(text.slice(lines.length)), {
    ...{ t_ns: 9, phase: "end", kind: "end", records: 2, sha256: sha256(records) },
  });
});

Deno.test("closeRecords() closes a trial without any record", () => {
  const { bytes } = closeRecords(new Uint8Array());
  assertEquals(openRecords(new Uint8Array(bytes)), {
    ...{ records: new Uint8Array(), count: 0, digest: sha256("") },
  });
});

Deno.test("openRecords() says what is wrong with a file that is not whole", () => {
  const whole = new TextDecoder().decode(closeRecords(records).bytes);
  assertEquals(wrongWith(whole), "nothing");
  const missing = "the closing line is missing, so the trial was not finished";
  assertEquals(wrongWith(lines), `line 2: ${missing}`);
  assertEquals(wrongWith(whole.slice(0, -5)).startsWith(`line 3: ${missing} ("{`), true);
  assertEquals(wrongWith(""), `line 1: ${missing} ("" is not JSON)`);
  const digest = "line 3: the content does not match the digest of the closing line";
  assertEquals(wrongWith(whole.replace('"t_ns":1,', '"t_ns":2,')), digest);
  assertEquals(
    wrongWith(whole.slice(whole.indexOf("\n") + 1)),
    "line 2: the closing line counts 2 records, but 1 stand before it",
  );
  assertEquals(
    wrongWith(whole.replace(/"sha256":"\w+"/, '"sha256":7')).startsWith(`line 3: ${missing}`),
    true,
  );
});
