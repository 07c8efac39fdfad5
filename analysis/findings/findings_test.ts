// SPDX-License-Identifier: Apache-2.0
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { findingsOf } from "./findings.ts";
import type { Answer } from "../engine/result.ts";
import { madeUpEntry, madeUpRun } from "../../contract/testdata/run_file.ts";
import { MADE_UP_HOSTS } from "../testdata/hosts.ts";

const RUN = madeUpRun();

function refaults(arm: string, seed: number, count: number, workload = "pagecache"): Answer {
  const trial = `${workload}-${arm}-${seed}`;
  const ratio = { refaults_per_merged_page: count / 1000, refaults_per_touched_page: count / 500 };
  return {
    workload,
    condition: "",
    arm,
    seed,
    trial,
    refaults: count,
    merged_pages: 1000,
    ...ratio,
  };
}

function sentencesOf(rows: Answer[], id = "refaults"): string {
  const findings = findingsOf({ run: RUN, answers: { refaults_per_merged_page: rows } });
  const text = findings.find((finding) => finding.id === id)?.sentences.join("\n") ?? "";
  return text.replaceAll("\u00a0", " ");
}

Deno.test("findingsOf() states a reduction with its numbers, seeds and counts", () => {
  const text = sentencesOf([
    ...[refaults("off", 1, 20), refaults("off", 2, 30)],
    ...[refaults("on", 1, 1), refaults("on", 2, 1)],
  ]);
  assertStringIncludes(
    text,
    "spared 96.0 % of the refaults in pagecache (2 seeds: 95.0 % to 96.7 %).",
  );
  // off: (2.0 + 3.0) / 2, on: 0.1; 1 - 0.1 / 2.5 = 96 %; seeds: 95 % and 96.7 %.
  assertStringIncludes(
    text,
    "In pagecache, off took 2.5 read and fetch refaults per 100 merged pages after merging, on took " +
      "0.1: 96.0 % fewer (2 seeds, all between 95.0 % and 96.7 %). Counted: 50 refaults in off, 2 in on.",
  );
  assertStringIncludes(text, "5 against 0.2 in pagecache.");
});

Deno.test("findingsOf() says where a reduction stays below what was claimed", () => {
  const text = sentencesOf([
    ...[refaults("off", 1, 100), refaults("on", 1, 20)],
    ...[refaults("off", 1, 100, "kernels"), refaults("on", 1, 1, "kernels")],
  ]);
  assertStringIncludes(
    text,
    "less than the expected 90 % of the refaults in pagecache (80.0 % fewer); it spared 99.0 % in kernels.",
  );
});

Deno.test("findingsOf() states null results and increases just as plainly", () => {
  assertMatch(
    sentencesOf([refaults("off", 1, 7), refaults("on", 1, 7)]),
    /no difference \(1 seed\)/,
  );
  assertMatch(
    sentencesOf([refaults("off", 1, 10), refaults("on", 1, 15)]),
    /50\.0 % more \(1 seed\)/,
  );
  assertMatch(sentencesOf([refaults("off", 1, 0), refaults("on", 1, 0)]), /nothing to reduce/);
});

Deno.test("findingsOf() claims no comparison for a run of one arm", () => {
  const text = sentencesOf([refaults("on", 1, 3)]);
  assertStringIncludes(text, "No comparison of refaults is made");
  assertStringIncludes(text, "In pagecache, on took 0.3 read and fetch refaults");
});

Deno.test("findingsOf() holds off against stock where there is a stock arm", () => {
  const rows = [refaults("stock", 1, 20), refaults("off", 1, 20)];
  assertStringIncludes(sentencesOf(rows, "stock"), "In pagecache, off equals stock: 2 against 2");
  assertEquals(sentencesOf([refaults("off", 1, 20)], "stock"), "");
});

Deno.test("findingsOf() calls a difference in content what it is", () => {
  const same = {
    workload: "w",
    seed: 1,
    phase: "touch",
    guest: 0,
    round: 1,
    arms: 2,
    different: 0,
  };
  const findings = findingsOf({
    run: RUN,
    answers: { content_read: [same, { ...same, guest: 1, different: 1 }] },
  });
  const content = findings.find(({ id }) => id === "content");
  assertMatch(content?.sentences[0] ?? "", /^No: 1 of 2 checksums differ .*w seed 1 guest 1 touch/);
});

Deno.test("findingsOf() excuses content that held random addresses before merging, and no other", () => {
  const row = { workload: "w", condition: "", seed: 1, guest: 0, round: 0, arms: 2, different: 1 };
  const content_read = [{ ...row, phase: "load" }, { ...row, phase: "touch", round: 1 }];
  const contentOf = (aslr: string) => {
    const trial = madeUpEntry("t", { workload: "w", aslr });
    const findings = findingsOf({ run: { ...RUN, trials: [trial] }, answers: { content_read } });
    return findings.find(({ id }) => id === "content")?.sentences[0] ?? "";
  };
  assertMatch(
    contentOf("on"),
    /^Between arms, 2 of 2 checksums differ, all of w, and they do so from the load on/,
  );
  assertMatch(contentOf("off"), /^No: 2 of 2 checksums differ/);
});

Deno.test("findingsOf() excuses random addresses only where a run that varies them has them", () => {
  const row = { workload: "w", seed: 1, guest: 0, round: 0, arms: 2, different: 1, phase: "load" };
  const trials = ["on", "off"].map((aslr) => madeUpEntry(`t-${aslr}`, { workload: "w", aslr }));
  const contentOf = (condition: string) =>
    findingsOf({ run: { ...RUN, trials }, answers: { content_read: [{ ...row, condition }] } })
      .find(({ id }) => id === "content")?.sentences[0] ?? "";
  assertMatch(contentOf("aslr=on, guests=2"), /^Between arms, 1 of 1 checksum differ/);
  assertMatch(contentOf("aslr=off, guests=2"), /^No: 1 of 1 checksum differ/);
});

Deno.test("findingsOf() names guests that read something else from one round to the next", () => {
  const row = { trial: "t", guest: 0, rounds: 3, different: 0 };
  const sentenceOf = (different: number) =>
    findingsOf({ run: RUN, answers: { content_kept: [row, { ...row, guest: 1, different }] } })
      .find(({ id }) => id === "content")?.sentences[0] ?? "";
  assertMatch(sentenceOf(0), /^Each guest of 1 trial read the same in all/);
  assertMatch(sentenceOf(1), /1 read something else .*\(t guest 1\)\. .*must not be used/);
});

const REAL_HOSTS = [{ trial: "t", ticks_an_instruction: null, instruction_ns: null }];

Deno.test("findingsOf() derives what a refault costs, in instructions or ticks", () => {
  const cost = (arm: string, ticks_per_touch: number): Answer => {
    const place = { workload: "pagecache", condition: "", arm, seed: 1 };
    return { ...place, phase: "touch", round: 1, unit: "page", ticks_per_touch };
  };
  const sentenceOf = (hosts: readonly Answer[], onTicks: number) => {
    const answers = {
      hosts,
      refaults_per_merged_page: [refaults("off", 1, 250), refaults("on", 1, 0)],
      touch_cost: [cost("off", 2048), cost("on", onTicks)],
    };
    const findings = findingsOf({ run: RUN, answers });
    const text = findings.find(({ id }) => id === "refault-cost")?.sentences[0] ?? "";
    return text.replaceAll("\u00a0", " ");
  };
  // 250 refaults on 500 touched pages: half a refault a page.
  assertMatch(
    sentenceOf(MADE_UP_HOSTS, 48),
    /costs the guest 500 instructions: .*250 instructions fewer/,
  );
  assertMatch(sentenceOf(REAL_HOSTS, 48), /costs the guest 4,000 ticks: .*2,000 ticks fewer/);
  const differing = [...MADE_UP_HOSTS, ...REAL_HOSTS];
  assertMatch(sentenceOf(differing, 48), /costs the guest 4,000 ticks/);
  assertMatch(sentenceOf(MADE_UP_HOSTS, 2048), /is no cheaper in on than in off/);
});

Deno.test("findingsOf() says what the lab's own looking adds, by touch and by vmexit", () => {
  const row = (observe: string, ticks: number, kvm_exits: number, instructions: number) => ({
    ...{ workload: "kernels", condition: "", arm: "off", seed: 1, observe, merged_pages: 500 },
    ...{ ticks, ticks_per_touch: ticks / 100, kvm_exits, instructions },
  });
  const observer = [row("least", 80_000, 40, 1_000), row("counters", 88_000, 50, 1_100)];
  const sentences = findingsOf({ run: RUN, answers: { observer, hosts: MADE_UP_HOSTS } })
    .find(({ id }) => id === "observer")?.sentences.map((text) => text.replaceAll("\u00a0", " "));
  assertEquals(sentences, [
    "In kernels, off, seed 1, a touch took 110 instructions with observe=counters and 100 with " +
    "observe=least: 10.0 % more, 20 instructions a vmexit. Vmexits in \u201ctouch\u201d: 50 against 40; " +
    "merged pages: 500 against 500. The whole host executed 10.0 % more instructions.",
  ]);
});

Deno.test("findingsOf() takes vmexits for second-level faults by their class, whoever made the processor", () => {
  const row = (arm: string, reason: string, kind: string, count: number) => ({
    ...{ workload: "w", condition: "", arm, seed: 1, trial: arm, phase: "touch" },
    ...{ reason, class: kind, count },
  });
  const rows = [
    ...[row("off", "EPT_VIOLATION", "fault", 30), row("off", "EPT_MISCONFIG", "fault", 10)],
    ...[row("off", "HLT", "halt", 10), row("on", "NPF", "fault", 10), row("on", "HLT", "halt", 10)],
  ];
  const found = findingsOf({ run: RUN, answers: { exits_by_reason_and_phase: rows } })
    .find(({ id }) => id === "exits");
  assertEquals(found?.sentences, [
    "In w, off took 50 vmexits of any reason in the phase after merging, on took 20: 60.0\u00a0% fewer (1 seed).",
    "In w, off took 40 vmexits for nested page faults in that phase, on took 10: 75.0\u00a0% fewer (1 seed).",
  ]);
});

Deno.test("findingsOf() says how fast the host was emulated, of trials that know", () => {
  const emulation_speed = [
    { instructions: 1e9, wall_s: 10, millions_per_s: 100 },
    { instructions: 3e9, wall_s: 10, millions_per_s: 300 },
    { instructions: null, wall_s: 10, millions_per_s: null },
  ];
  const finding = findingsOf({ run: RUN, answers: { emulation_speed } })
    .find(({ id }) => id === "emulation");
  assertEquals(
    finding?.sentences.join().replaceAll("\u00a0", " "),
    "The emulated host executed 4 billion instructions in 2 trials, 200 million a second and trial " +
      "(100 to 300).",
  );
});

Deno.test("findingsOf() warns of the clock that a host's CPUs share, where it has several", () => {
  const guest_boot = [{ workload: "w", condition: "", guests_booted: 2, boot_ns: 1e9 }];
  const clock = { ticks_an_instruction: 8, instruction_ns: 8 };
  const caveats = (hosts: { cpus: number }[]) =>
    findingsOf({ run: RUN, answers: { guest_boot, hosts } })
      .find(({ id }) => id === "boot")!.caveats.join();
  assertStringIncludes(
    caveats([{ cpus: 1, ...clock }, { cpus: 2, ...clock }]),
    "share one clock",
  );
  assert(!caveats([{ cpus: 1, ...clock }]).includes("share one clock"));
  assert(!caveats([{ cpus: 8 }]).includes("share one clock"), "a real host's CPUs do not");
});

Deno.test("findingsOf() has a sentence for everything even if nothing was measured", () => {
  const findings = findingsOf({ run: RUN, answers: {} });
  assert(findings.length >= 8);
  for (const { sentences } of findings) {
    assert(sentences.length > 0);
    for (const text of sentences) assert(!/NaN|undefined|Infinity|null/.test(text), text);
  }
});

Deno.test("findingsOf() explains refaults by their cause, and says what is left unexplained", () => {
  const place = { workload: "w", condition: "", arm: "on", phase: "touch" };
  const answers = {
    faults_by_cause: [
      { ...place, cause: "copied: the VMM wrote", refaults: 28 },
      { ...place, cause: "copied: the guest wrote", refaults: 64 },
      { ...place, cause: "write to a merged page", refaults: 0 },
      { ...place, arm: "off", cause: "merged", refaults: 900 },
      { ...place, arm: "off", cause: "reclaimed", refaults: 1 },
    ],
    unexplained_faults: [
      { mmu: "npt", after_merge: 950, after_merge_unexplained: 0 },
      { mmu: "shadow", after_merge: 50, after_merge_unexplained: 1 },
    ],
    trace_cross_check: [{ compared: 60, different: 0, events: 1000, counted: 1000 }],
  };
  const findings = findingsOf({ run: RUN, answers });
  assertEquals(findings.find(({ id }) => id === "attribution")?.sentences, [
    "With nested paging none of the 950 second-level faults after merging is left unexplained (1 traced trial).",
    "With shadow paging 1 of the 50 second-level faults after merging is left unexplained: 2.0\u00a0% (1 traced trial).",
    "In w, on, the guests took 92 refaults after merging: 64 because the guest\u2019s own write had broken a " +
    "merged page and 28 because the VMM had written for a device and so broken a merged page; none because " +
    "merging had dropped a mapping.",
    "In w, off, the guests took 901 refaults after merging: 900 because merging had dropped the mapping and " +
    "1 (reclaimed).",
  ]);
  const check = findings.find(({ id }) => id === "cross-check")?.sentences.at(-1) ?? "";
  assertStringIncludes(check, "equals the histograms in all of 60 counts");
});

Deno.test("findingsOf() lists every trial that is left out, and why", () => {
  const exclusions = [{ trial: "w-on-s1", why: "guest 1 died\nand its console" }];
  const of = (answers: Record<string, Answer[]>) =>
    findingsOf({ run: RUN, answers }).find(({ id }) => id === "exclusions")?.sentences;
  assertEquals(of({ exclusions }), ["1 trial of 0.", "w-on-s1: guest 1 died."]);
  assertStringIncludes(of({})?.[0] ?? "", "Nothing: the comparisons between arms use all of");
});
