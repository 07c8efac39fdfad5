// SPDX-License-Identifier: Apache-2.0
import { assertEquals, assertThrows } from "@std/assert";
import { LabError } from "../base/errors.ts";
import { isA, readAs, readRecord, readRecords } from "./record.ts";
import { declare, whole } from "./declaration.ts";

const at = { t_ns: 5, phase: "merge" };
const line = (fields: Record<string, unknown>) => JSON.stringify({ ...at, ...fields });

function refusal(text: string): string {
  return assertThrows(() => readRecord(text), LabError).message;
}

Deno.test("readRecord() gives a record the fields of its kind", () => {
  const record = readRecord(line({ kind: "phases", event: "begin" }));
  assertEquals(isA(record, "ksm"), false);
  assertEquals(isA(record, "phases") && record.event, "begin");
});

Deno.test("readRecord() keeps members that no field names, and kinds that are not declared", () => {
  const ksm = { kind: "ksm", full_scans: 1, pages_shared: 2, pages_sharing: 3, new_counter: 7 };
  assertEquals(readRecord(line(ksm)), { ...at, ...ksm });
  const other = { kind: "something_new", level: "unknown to this version" };
  assertEquals(readRecord(line(other)), { ...at, ...other });
});

Deno.test("readRecord() says what is wrong with a record", () => {
  assertEquals(refusal("{"), `Cannot read a record: "{" is not JSON`);
  assertEquals(refusal("[]"), "Cannot read a record: it is not a JSON object");
  assertEquals(refusal("{}"), `Cannot read a record: the field "kind" is missing`);
  const wrong = 'Cannot read a record: field "event" of the phases record: ';
  assertEquals(refusal(line({ kind: "phases", event: "middle" })).startsWith(wrong), true);
  assertEquals(
    refusal(line({ kind: "exits", guest: 0, vcpu: 0, reason_code: 1, count: 1.5 })),
    `Cannot read a record: field "count" of the exits record: is not a whole number`,
  );
  assertEquals(refusal('{"kind":"new"}').includes(`field "t_ns" of the new record`), true);
});

Deno.test("readRecords() reads whole lines one after the other", () => {
  const begin = line({ kind: "phases", event: "begin" });
  assertEquals(readRecords(`${begin}\n${begin}\n`), [readRecord(begin), readRecord(begin)]);
  assertEquals(readRecords(""), []);
});

Deno.test("readAs() checks other kinds than those of a trial", () => {
  const step = declare({
    says: "A program has ended.",
    fields: { status: whole("exit status") },
    table: { form: "own" },
  });
  assertEquals(readAs(line({ kind: "step", status: 3 }), { step }).status, 3);
  assertThrows(() => readAs(line({ kind: "step" }), { step }), LabError, 'field "status"');
});
