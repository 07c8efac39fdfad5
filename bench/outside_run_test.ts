// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { outsideAnswer, runQuery } from "../analysis/mod.ts";
import { readSource } from "../imports/read.ts";
import { recordsOf } from "../imports/records.ts";
import * as texts from "../imports/testdata/texts.ts";
import { writeOutsideRun } from "./outside_run.ts";

/** Imports the texts, by name, into a folder of its own, and gives all that is said. */
async function imported(
  files: Record<string, string>,
  use: (said: string, folder: string) => Promise<void> | void,
  every_s?: number,
): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    const sources = Object.entries(files).map(([name, text]) =>
      readSource(name, new TextEncoder().encode(text), { over_gib: 16, every_s })
    );
    const { records, settings } = recordsOf(sources, { page_bytes: 4096, every_s });
    const folder = await writeOutsideRun({
      ...{ name: "imported", mode: "imported", title: "t", question: "q", host: "imported" },
      ...{ records, settings, inputs: {}, machine: {}, started: new Date(), command: ["import"] },
    }, parent);
    assertMatch(folder.record.run, /^imported-\d{8}-\d{6}$/);
    const { findings } = await outsideAnswer(folder.dir);
    const said = findings.flatMap(({ sentences, caveats }) => [...sentences, ...caveats]).join(
      "\n",
    );
    await use(said.replaceAll("\u00a0", " "), folder.dir);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

const dump = texts.printers["grep . /sys/kernel/mm/ksm/*"]!;

Deno.test("an imported dump says what is saved, how well pages merge, and how long a pass takes", async () => {
  await imported({ "a.txt": dump(texts.fewCounters) }, async (said, folder) => {
    assertStringIncludes(said, "Saved: pages_sharing × 4 KiB = 1,032.3 MiB (not the 633.7 MiB");
    assertStringIncludes(said, "their difference, 398.7 MiB");
    assertStringIncludes(said, "has 2.63 mappings on average");
    assertStringIncludes(said, "36 % of what was looked at is unique");
    assertStringIncludes(said, "takes 136 s or more");
    assertStringIncludes(said, "general_profit (from 6.4)");
    const { rows } = await runQuery(
      folder,
      "SELECT run, pages_sharing, use_zero_pages FROM ksm",
      {},
    );
    assertEquals(rows, [{ run: 1, pages_sharing: 264281, use_zero_pages: null }]);
  });
});

Deno.test("an imported dump in which all is 0 says whether anything was ever offered", async () => {
  const zeros = { pages_shared: 0, pages_sharing: 0, pages_unshared: 0, pages_volatile: 0 };
  const rest = { run: 1, pages_to_scan: 100, sleep_millisecs: 20, stable_node_chains: 11 };
  await imported({ "a.txt": dump({ ...zeros, ...rest, full_scans: 0 }) }, (said) => {
    assertStringIncludes(said, "nothing has been offered to it with MADV_MERGEABLE");
    assertStringIncludes(said, "= 0 MiB");
  });
  await imported({ "a.txt": dump({ ...zeros, ...rest, full_scans: 12028 }) }, (said) => {
    assertStringIncludes(said, "12,028 full scans over nothing: scanning goes on");
    assertStringIncludes(said, "11 chains left over");
  });
  await imported({ "a.txt": dump({ ...zeros, ...rest, full_scans: 3, run: 2 }) }, (said) => {
    assertStringIncludes(said, "was told to give everything back (run=2)");
    assert(!said.includes("over nothing"), said);
  });
  await imported({ "a.txt": dump({ ...texts.fewCounters, run: 0 }) }, (said) => {
    assertStringIncludes(said, "KSM is stopped (run=0)");
    assertStringIncludes(said, "stays merged");
  });
});

Deno.test("newer counters change what is said: zero pages, profit, smart scan, advisor", async () => {
  await imported(
    { "a.txt": dump({ ...texts.moreCounters, advisor_mode: "none [scan-time]" }) },
    (said) => {
      assertStringIncludes(said, "Further 20.0 MiB are saved by ksm_zero_pages");
      assertStringIncludes(said, "Merging costs more memory than it saves");
      assertStringIncludes(said, "stand in ksm_zero_pages and not in pages_sharing");
      assertStringIncludes(said, "smart_scan=1");
      assertStringIncludes(
        said,
        "the kernel chooses pages_to_scan itself, so that a pass takes about 200 s",
      );
      assertStringIncludes(said, "2 contents had more than max_page_sharing=256 mappings");
    },
  );
});

Deno.test("a series says rates where it says when, and that it was interrupted by a restart", async () => {
  const at = (full_scans: number, pages_sharing: number) =>
    dump({ ...texts.fewCounters, full_scans, pages_sharing });
  await imported({ "a.txt": at(10, 1000), "b.txt": at(20, 7000) }, (said) => {
    assertStringIncludes(said, "pages_sharing grew from 1,000 to 7,000, 100 pages/s");
    assertStringIncludes(said, "10 full scans ended meanwhile, one in 6 s");
  }, 60);
  await imported({ "a.txt": at(10, 1000), "b.txt": at(20, 7000) }, (said) => {
    assertStringIncludes(said, "do not say when they were taken");
    assertStringIncludes(said, "grew from 1,000 to 7,000.");
  });
  await imported({ "a.txt": at(90, 1000) + at(10, 5000) + at(11, 5000) }, (said) => {
    assertStringIncludes(said, "full_scans falls between two of the 3 readings");
    assertStringIncludes(said, "sharing stood still at 5,000 pages");
  });
});

Deno.test("imported exits are asked like a trial's, and KSM beside them", async () => {
  await imported(
    { "exits.txt": texts.kvmexit, "ksm.txt": dump(texts.fewCounters) },
    async (said, folder) => {
      assertStringIncludes(
        said,
        "287 vmexits, 47.8 a second; most often EXTERNAL_INTERRUPT (61.0 %)",
      );
      assertStringIncludes(
        said,
        "100 of them were for second-level faults (EPT_VIOLATION), 34.8 %",
      );
      const { rows } = await runQuery(folder, "exits_by_reason_and_phase", {});
      assertEquals(rows.map(({ label, count }) => [label, count]), [
        ...[["EXTERNAL_INTERRUPT", 175], ["VIRTUALIZED_EOI", 12], ["EPT_VIOLATION", 100]],
      ]);
    },
  );
  await imported({ "exits.txt": texts.olderPerf }, (said) => {
    assertStringIncludes(
      said,
      "2,000 vmexits; most often NPF (60.0 %), HLT (25.0 %) and INTR (15.0 %)",
    );
    assertStringIncludes(said, "A NPF takes 4 µs on average");
  });
});

Deno.test("ksmtuned's rates come with the time of a pass, its log with what it did", async () => {
  await imported({ "c.conf": texts.ksmtunedConf, "c.log": texts.ksmtunedLog }, (said) => {
    assertStringIncludes(said, "KSM is stopped, 0 pages/s");
    assertStringIncludes(
      said,
      "6,400 pages/s (25.0 MiB/s), one pass over 16 GiB in 655 s (11 min)",
    );
    assertStringIncludes(said, "125,000 pages/s (488.3 MiB/s), one pass over 16 GiB in 33.6 s");
    assertStringIncludes(
      said,
      "3 decisions over 120 s: 1 boost, 1 decay, and KSM was stopped 1 time",
    );
    assertStringIncludes(said, "Fastest: 30,000 pages/s");
  });
});

Deno.test("an imported run has a report without a paper, and is never called exact", async () => {
  const { writeReport } = await import("../analysis/mod.ts");
  await imported({ "a.txt": dump(texts.fewCounters) }, async (_, folder) => {
    const page = await Deno.readTextFile((await writeReport(folder)).index);
    assertStringIncludes(page, "imported mode");
    assertStringIncludes(page, "nothing is exact");
    assertStringIncludes(page, "1,032.3\u00a0MiB");
    await assertMissing(join(folder, "paper"));
  });
});

async function assertMissing(path: string): Promise<void> {
  assertEquals(await Deno.stat(path).then(() => true, () => false), false, path);
}
