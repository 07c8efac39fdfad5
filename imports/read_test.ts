// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { LabError } from "../base/errors.ts";
import { numRuns, seed, takenOrRefused } from "../base/testdata/fuzz.ts";
import { codeOf } from "../machines/machine.ts";
import { readSource, type Source } from "./read.ts";
import { recordsOf } from "./records.ts";
import * as texts from "./testdata/texts.ts";

const GIVEN = { over_gib: 16 };

function read(text: string): Source {
  return readSource("file.txt", new TextEncoder().encode(text), GIVEN);
}

function refusal(text: string | Uint8Array<ArrayBuffer>): string {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const error = assertThrows(() => readSource("file.txt", bytes, GIVEN), LabError);
  assert(error.message.startsWith("Cannot import file.txt: "), error.message);
  assert(!error.message.includes("\n"), "one sentence");
  assert((error.next ?? "") !== "", `${error.message} has a next step`);
  return `${error.message} | ${error.next}`;
}

Deno.test("a dump of /sys/kernel/mm/ksm says the same however it was printed", () => {
  for (const [how, print] of Object.entries(texts.printers)) {
    const [reading, ...more] = read(print(texts.moreCounters)).ksm ?? [];
    assertEquals(reading?.numbers, texts.moreCounters, how);
    assertEquals(more, [], how);
  }
});

Deno.test("a dump keeps counters that are newer than the lab, and says which advisor is chosen", () => {
  const { ksm } = read(
    "/sys/kernel/mm/ksm/run:1\n/sys/kernel/mm/ksm/pages_of_tomorrow:7\n" +
      "/sys/kernel/mm/ksm/advisor_mode:none [scan-time]\n",
  );
  assertEquals(ksm?.[0]?.numbers, { run: 1, pages_of_tomorrow: 7 });
  assertEquals(ksm?.[0]?.words, { advisor_mode: "scan-time" });
});

Deno.test("a name that comes again begins another reading, and a date says when", () => {
  const dump = (sharing: number) => `run:1\npages_shared:10\npages_sharing:${sharing}\n`;
  const bare = read(dump(1) + dump(2)).ksm!;
  assertEquals(bare.map(({ numbers }) => numbers.pages_sharing), [1, 2]);
  for (
    const [first, second] of [
      ["Fri Nov 27 10:00:00 UTC 2026", "Fri 27 Nov 2026 10:00:10 AM CET"],
      ["2026-11-27T10:00:00+00:00", "2026-11-27 10:00:10"],
      ["1795773600", "1795773610.0"],
      ["=== 2026-11-27 10:00:00 ===", "=== 2026-11-27 10:00:10 ==="],
    ]
  ) {
    const { ksm } = read(`${first}\n${dump(1)}\n${second}\n${dump(2)}`);
    const [one, other] = ksm?.map(({ at_s }) => at_s ?? NaN) ?? [];
    assertEquals(other! - one!, 10, first);
  }
});

Deno.test("a series can be a table, with times or without", () => {
  const { ksm } = read("time,pages_shared,pages_sharing\n1795773600,5,6\n1795773660,7,8\n");
  assertEquals(ksm?.map(({ at_s, numbers }) => [at_s, numbers.pages_sharing]), [
    [1795773600, 6],
    [1795773660, 8],
  ]);
});

Deno.test("perf kvm stat gives exits with their times, of older and of newer versions", () => {
  for (const text of [texts.olderPerf, texts.newerPerf]) {
    const { records } = recordsOf([read(text)], { page_bytes: 4096 });
    const exits = records.filter(({ kind }) => kind === "exits");
    assertEquals(exits.reduce((sum, { count }) => sum + Number(count), 0), 2000);
    const fault = text === texts.olderPerf ? 1024 : 48;
    assertEquals(exits.find(({ reason_code }) => reason_code === fault)?.count, 1200);
    const cost = records.find(({ kind, key }) => kind === "host_costs" && key === String(fault));
    assertEquals([cost?.count, cost?.spent_ns], [1200, 4_800_000]);
  }
});

Deno.test("perf script counts exits by reason and times them to the next entry; a number stays one", () => {
  const source = read(texts.script);
  assertEquals(source.exits_s, 2);
  const { records } = recordsOf([source], { page_bytes: 4096 });
  const exits = records.filter(({ kind }) => kind === "exits");
  assertEquals(
    exits.map(({ guest, reason_code, count }) => [guest, reason_code, count]).sort(),
    [[0, 1024, 2], [0, 120, 1], [0, 143, 1]],
  );
  const fault = records.find(({ kind, key }) =>
    kind === "host_costs" && key === `${codeOf("svm", "NPF")}`
  );
  assertEquals(fault?.spent_ns, 12_000);
});

Deno.test("perf report of kvm_exit gives counts of its shares", () => {
  const { exits } = read(texts.perfReport);
  assertEquals(exits, [{ name: "EPT_VIOLATION", count: 1500 }, { name: "HLT", count: 500 }]);
});

Deno.test("kvmexit gives exits by guest, by the names that bcc has for Intel's reasons", () => {
  const source = read(texts.kvmexit);
  assertEquals([source.exits_s, source.ignored], [6, 0]);
  const { records } = recordsOf([source], { page_bytes: 4096 });
  const of = (guest: number, code: number) =>
    records.find((one) => one.kind === "exits" && one.guest === guest && one.reason_code === code);
  assertEquals([of(0, 1)?.count, of(0, 48)?.count, of(0, 45)?.count, of(1, 48)?.count], [
    ...[175, 60, 12, 40],
  ]);
  assertEquals(records.find(({ kind }) => kind === "host")?.vendor, "vmx");
  assertEquals(read(texts.kvmexitOfOne).exits?.map(({ pid, count }) => [pid, count]), [
    [4121, 13467],
    [4121, 18],
  ]);
});

Deno.test("a reason without a code keeps its name", () => {
  const text = texts.newerPerf.replace("EPT_MISCONFIG", "      UNKNOWN");
  const { records } = recordsOf([read(text)], { page_bytes: 4096 });
  const [exit] = records.filter(({ said }) => said === "UNKNOWN");
  assertEquals([exit?.reason_code, exit?.count], [undefined, 300]);
});

Deno.test("ksmtuned's configuration gives the rates from the least to the most, its defaults said", () => {
  const { steps, ignored } = read(texts.ksmtunedConf);
  assertEquals(ignored, 0);
  assertEquals(steps?.map(({ pages_to_scan }) => pages_to_scan), [64, 300, 600, 900, 1200, 1250]);
  assertEquals(steps?.[0]?.sleep_millisecs, 10);
  const small = readSource("c", new TextEncoder().encode("KSM_SLEEP_MSEC=10\n"), { over_gib: 4 });
  assertEquals(small.steps?.[0]?.sleep_millisecs, 40);
  assertStringIncludes(small.remarks.join("\n"), "KSM_NPAGES_MAX=1250");
  assertStringIncludes(read("# KSM_NPAGES_BOOST=300\n").remarks.join("\n"), "KSM_NPAGES_BOOST=300");
});

Deno.test("ksmtuned's log gives what it saw and what it set", () => {
  const { steps } = read(texts.ksmtunedLog);
  assertEquals(steps?.map(({ step, pages_to_scan }) => [step, pages_to_scan]), [
    ...[["stop", undefined], ["boost", 300], ["decay", 250]],
  ]);
  assertEquals(steps?.map(({ at_s }) => at_s! - steps[0]!.at_s!), [0, 60, 120]);
  assertEquals(steps?.[1]?.free_kib, 9_000_000);
});

Deno.test("files that are not what they seem get one sentence with a next step", () => {
  const refused: [string | Uint8Array<ArrayBuffer>, string][] = [
    ["", "it is empty"],
    [new Uint8Array([1, 0, 2, 0]), "it is not text"],
    ["PERFILE2\x01", "perf.data"],
    [new Uint8Array([0x1f, 0x8b, 8, 0]), "gzip"],
    ["hello\nworld\n", "nothing that the lab knows"],
    ["run the test\nfull_scans of what\n", "nothing that the lab knows"],
    ["cat: /sys/kernel/mm/ksm/run: No such file or directory\n", "nothing that the lab knows"],
    ["ksm_rmap_items 5\nksm_zero_pages 0\nksm_merging_pages 3\n", "ksm_stat of one process"],
    ["MemTotal:  16384 kB\nMemFree: 5 kB\n", "/proc/meminfo"],
    ["run:1\npages_sharing:12a\npages_shared:1\n", 'pages_sharing is "12a", not a whole number'],
    ["run:1\npages_sharing:-5\npages_shared:1\n", "pages_sharing is -5, but it counts"],
    ["run:1\npages_sharing:99999999999999999999\n", "more than any counter"],
    ["Analyze events for all VMs, all VCPUs:\n\nVM-EXIT Samples Samples%\n", "without a row"],
    ["Analyze events for all VMs, all VCPUs:\n\nMMIO Access Samples Samples%\n", "not vmexits"],
    ["PID TID KVM_EXIT_REASON COUNT\n", "without a row"],
    ["# Samples: 1K of event 'cycles'\n 5.00% qemu\n", "cycles"],
    ["KSM_NPAGES_MIN=500\nKSM_NPAGES_MAX=100\n", "nothing lies between"],
    ["KSM_NPAGES_MAX=many\nKSM_SLEEP_MSEC=10\n", "is no whole number"],
    ["Fri Nov 27 10:00:00 UTC 2026: committed 1 free 2\n", "nothing is set"],
    [" Performance counter stats for 'system wide':\n\n 5 kvm:kvm_exit\n", "perf stat"],
  ];
  for (const [text, reason] of refused) assertStringIncludes(refusal(text), reason);
});

Deno.test("exits that were counted twice are not added up", () => {
  const both = [read(texts.newerPerf), { ...read(texts.kvmexit), name: "other.txt" }];
  assertThrows(() => recordsOf(both, { page_bytes: 4096 }), LabError, "both count vmexits");
});

/** Lines that parsers look for, cut and mixed. */
const pieces = [
  ...Object.values(texts.printers).map((print) => print(texts.moreCounters)),
  ...[texts.olderPerf, texts.newerPerf, texts.script, texts.perfReport, texts.kvmexit],
  ...[texts.kvmexitOfOne, texts.ksmtunedConf, texts.ksmtunedLog],
].flatMap((text) => text.split("\n"));

Deno.test("whatever a file holds, it is taken or refused in a sentence", async () => {
  const line = fc.oneof(
    fc.constantFrom(...pieces),
    fc.string({ maxLength: 60 }),
    fc.tuple(fc.constantFrom(...pieces), fc.nat(80)).map(([text, at]) => text.slice(0, at)),
    fc.tuple(fc.constantFrom(...pieces), fc.nat(1e9)).map(([text, n]) =>
      text.replace(/\d+/, `${n}`)
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 40 }), async (lines) => {
      await takenOrRefused(() => {
        const source = read(lines.join("\n"));
        const { records } = recordsOf([source], { page_bytes: 4096 });
        assert(records.length > 3);
      });
    }),
    { numRuns, seed },
  );
});

Deno.test("any counters that are printed in any way are read again", () => {
  const names = Object.keys(texts.moreCounters).filter((name) => name !== "general_profit");
  fc.assert(
    fc.property(
      fc.record(Object.fromEntries(names.map((name) => [name, fc.nat()])), {
        requiredKeys: ["run", "pages_sharing"],
      }),
      fc.constantFrom(...Object.values(texts.printers)),
      (some, print) => {
        const counters = some as Record<string, number>;
        assertEquals(read(print(counters)).ksm?.[0]?.numbers, counters);
      },
    ),
    { numRuns: Math.ceil(numRuns / 4), seed },
  );
});
