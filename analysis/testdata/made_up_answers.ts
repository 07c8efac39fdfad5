// SPDX-License-Identifier: Apache-2.0
/** Made-up tables, and what the report says of them, computed by hand. No number here was measured. */
import type { Row } from "../engine/arrow.ts";
import { codeOf } from "../../machines/machine.ts";
import type { MadeUp } from "./made_up.ts";
import { flushes, whileMerging } from "./made_up_flushes.ts";

const S = 1e9;

function trial(name: string, more: Row = {}): Row {
  const place = { workload: "pagecache", condition: "", arm: "on", seed: 1, status: "done" };
  return { trial: name, ...place, ...more };
}

/* The host is MADE_UP_HOST: an instruction takes 8 ticks of a nanosecond. */
const breaks: MadeUp = {
  question: "cost_of_breaks",
  finding: "breaks",
  tables: {
    trials: [trial("t")],
    phases: [{ trial: "t", phase: "remerge", ordinal: 8, duration_ns: 2 * S }],
    touch: [
      { trial: "t", phase: "rewrite", guest: 0, round: 0, pages: 60, ticks: 560_000 },
      { trial: "t", phase: "rewrite", guest: 1, round: 0, pages: 40, ticks: 240_000 },
      { trial: "t", phase: "restore", guest: 0, round: 0, pages: 100, ticks: 8_000 },
    ],
    vm_events: [
      { trial: "t", phase: "touch", event: "cow_ksm", count: 3 },
      { trial: "t", phase: "rewrite", event: "cow_ksm", count: 90 },
      { trial: "t", phase: "rewrite", event: "pswpin", count: 1_000 },
      { trial: "t", phase: "remerge", event: "cow_ksm", count: 5 },
    ],
    kvm_stats: [
      { trial: "t", phase: "rewrite", guest: 0, stat: "exits", change: 120 },
      { trial: "t", phase: "rewrite", guest: 1, stat: "exits", change: 80 },
      { trial: "t", phase: "rewrite", guest: 1, stat: "halt_exits", change: 7 },
    ],
    cpu: [
      { trial: "t", phase: "merge", task: "ksmd", run_ns: 5 * S },
      { trial: "t", phase: "remerge", task: "ksmd", run_ns: 768_000 },
      { trial: "t", phase: "remerge", task: "vcpu", guest: 0, run_ns: S },
    ],
    ksm: [
      { trial: "t", phase: "merge", at_phase_end: true, pages_sharing: 700 },
      { trial: "t", phase: "remerge", at_phase_end: false, pages_sharing: 900 },
      { trial: "t", phase: "remerge", at_phase_end: true, pages_sharing: 698 },
    ],
  },
  /* 8000 ticks and 80 ticks a change; 3 + 90 + 5 copies less 2 that are missing; 96000 instructions. */
  sentences: [
    "In pagecache, on: 100 changes broke 90 merged pages in 200 vmexits; a change took 1,000 " +
    "instructions, and 10 once the page was the guest\u2019s own. 96 pages merged again in 2 s, " +
    "1,000 instructions of ksmd a page; pages sharing came to 698 of 700.",
  ],
};

function grown(name: string, steps: [guests: number, pages: number][]): Row[] {
  return steps.map(([guests, pages]) => ({
    ...{ trial: name, phase: "grow", guests, swapped_out_pages: pages, stalls: 0 },
    pressed: pages >= 256,
  }));
}

const host = { host_memory_mib: 512 };
const density: MadeUp = {
  question: "density",
  finding: "density",
  tables: {
    trials: [
      trial("none", { condition: "ksm=off", arm: "off", ksm: "off", ...host }),
      trial("off", { condition: "ksm=on", arm: "off", ksm: "on", ...host }),
      trial("on", { condition: "ksm=on", ksm: "on", ...host }),
    ],
    growth: [
      ...grown("none", [[2, 0], [3, 255], [4, 4096]]),
      ...grown("off", [[2, 0], [5, 10], [6, 300]]),
      ...grown("on", [[2, 0], [8, 10]]),
    ],
  },
  sentences: [
    "A host of 512 MiB runs 3 guests with no KSM, 5 guests with KSM, off and 8 guests or more with " +
    "KSM, on of pagecache before it swaps.",
  ],
};

/** Readings of KSM: seconds after merging began, pages sharing, and ksmd's time since boot in ms. */
function merging(
  name: string,
  readings: [at_s: number, sharing: number, ksmd_ms: number][],
): Row[] {
  return readings.map(([at_s, sharing, ksmd_ms], at) => ({
    ...{ trial: name, phase: at === 0 ? "settle" : "merge", t_ns: (10 + at_s) * S },
    ...{ at_phase_end: at === readings.length - 1, pages_shared: 100, pages_sharing: sharing },
    ksmd_run_ns: ksmd_ms * 1e6,
  }));
}

const scanRate: MadeUp = {
  question: "scan_rate",
  finding: "scan-rate",
  tables: {
    trials: [
      trial("slow", { condition: "guests=2, pages_to_scan=500", pages_to_scan: 500 }),
      trial("fast", {
        condition: "guests=2, pages_to_scan=500, smart_scan=off",
        pages_to_scan: 500,
      }),
    ],
    phases: ["slow", "fast"].map((name) => {
      return { trial: name, phase: "merge", ordinal: 3, begin_ns: 10 * S };
    }),
    ksm: [
      /* 99 % of 800 are 792. */
      ...merging("slow", [[-1, 0, 1], [1, 400, 5], [2, 791, 9], [4, 800, 17]]),
      ...merging("fast", [[-1, 0, 0], [1, 800, 2], [2, 800, 3]]),
    ],
  },
  /* 800 pages in 16 ms or 2 million instructions, in 4 s; in 2 ms or 250,000, in 1 s. */
  sentences: [
    "In pagecache (guests=2), 99 % of the final sharing was reached after 4 s with " +
    "pages_to_scan=500 (400 pages merged per million instructions of ksmd, which had 0.4 % of the " +
    "CPU) and 1 s with pages_to_scan=500, smart_scan=off (3,200 pages merged per million " +
    "instructions of ksmd, which had 0.2 % of the CPU).",
  ],
};

const swapping: MadeUp = {
  question: "swapping",
  finding: "swapping",
  tables: {
    trials: [
      trial("on", { condition: "ksm=on", ksm: "on", swap_mib: 256 }),
      trial("none", { condition: "ksm=off", ksm: "off", swap_mib: 256 }),
      trial("without swap", { ksm: "on", swap_mib: 0 }),
    ],
    phases: ["on", "none", "without swap"].flatMap((name) => [
      { trial: name, phase: "load", ordinal: 1 },
      { trial: name, phase: "touch", ordinal: 4 },
    ]),
    vm_events: [
      { trial: "on", phase: "load", event: "pswpout", count: 512 },
      { trial: "on", phase: "touch", event: "pswpout", count: 256 },
      { trial: "on", phase: "touch", event: "pswpin", count: 1024 },
      { trial: "on", phase: "touch", event: "allocstall_normal", count: 3 },
      { trial: "on", phase: "touch", event: "allocstall_movable", count: 2 },
      { trial: "without swap", phase: "load", event: "pswpout", count: 1e6 },
    ],
    host_faults: [
      { trial: "on", phase: "load", guest: 0, minor: 9, major: 50 },
      { trial: "on", phase: "touch", guest: 0, minor: 9, major: 11 },
      { trial: "on", phase: "touch", guest: 1, minor: 9, major: 6 },
    ],
    touch: [
      { trial: "on", phase: "touch", guest: 0, round: 1, pages: 100, ticks: 80_000 },
      { trial: "on", phase: "touch", guest: 0, round: 2, pages: 100, ticks: 800 },
    ],
  },
  sentences: [
    "In pagecache, no KSM, on: 0 MiB went to swap and 0 MiB came back, with 0 stalls for memory.",
    "In pagecache, KSM, on: 3 MiB went to swap and 4 MiB came back, with 5 stalls for memory; " +
    "after merging, the first touch of a page took 100 instructions, and 17 faults waited for swap.",
  ],
};

const exitCode = (name: string) => String(codeOf("svm", name));

function costs(name: string, faults: number): Row[] {
  const cost = (what: string, key: string, count: number, spent_ns = 0) => {
    return { trial: name, phase: "touch", what, key, count, spent_ns };
  };
  return [
    cost("write lock", "kvm_mmu_notifier_change_pte", 7),
    cost("write lock", "tty_open", 1000),
    cost("read lock", "kvm_tdp_mmu_map", faults),
    cost("read lock", "do_wait", 1000),
    cost("tlb flush", "3", 12),
    /* An interrupt and HLT: others run meanwhile. */
    cost("exit", exitCode("INTR"), 40, S),
    cost("exit", exitCode("HLT"), 40, S),
    cost("exit", exitCode("NPF"), faults, faults * 40_000),
    cost("exit", exitCode("IOIO"), 100, 100 * 8_000),
  ];
}

const hostCosts: MadeUp = {
  question: "host_costs",
  finding: "host-costs",
  tables: {
    trials: [
      trial("off", { arm: "off", observe: "costs" }),
      trial("on", { observe: "costs" }),
      trial("not looked at", { observe: "counters" }),
    ],
    phases: ["off", "on", "not looked at"].map((name) => {
      return { trial: name, phase: "touch", ordinal: 4 };
    }),
    host_costs: [...costs("off", 300), ...costs("on", 0), ...costs("not looked at", 5)],
    kvm_stats: [
      { trial: "off", phase: "touch", guest: 0, stat: "tlb_flush", change: 2 },
      { trial: "off", phase: "touch", guest: 1, stat: "tlb_flush", change: 3 },
      { trial: "on", phase: "touch", guest: 0, stat: "tlb_flush", change: 1 },
      { trial: "off", phase: "touch", guest: 1, stat: "remote_tlb_flush_requests", change: 8 },
      { trial: "on", phase: "touch", guest: 0, stat: "remote_tlb_flush_requests", change: 6 },
      { trial: "on", phase: "touch", guest: 0, stat: "remote_tlb_flush", change: 4 },
    ],
    cpu: ["off", "on"].map((name) => {
      return { trial: name, phase: "touch", task: "ksmd", run_ns: name === "off" ? 8000 : 0 };
    }),
  },
  /* (300 x 40000 + 100 x 8000) / 400 = 32000 ns. */
  sentences: [
    "In pagecache, phase touch: mmu_lock taken for writing: 7 in off and 7 in on; for reading: 300 in " +
    "off and 0 in on; TLB flushes of the host: 12 in off and 12 in on; asked of guests: 8 in off and 6 " +
    "in on; with an interrupt: none in off and 4 in on; carried out by virtual CPUs: 5 in off and 1 " +
    "in on; instructions of ksmd: 1,000 in off and 0 in on; vmexits: 400 in off and 100 in on; " +
    "instructions each: 4,000 in off and 1,000 in on, one of a second-level fault: 5,000 in off and " +
    "none in on.",
  ],
};

const machineCosts: MadeUp = {
  question: "machine_costs",
  finding: "machine",
  tables: {
    trials: ["off", "on"].map((arm) => trial(arm, { arm, observe: "costs", guests: 2 })),
    phases: ["off", "on"].map((name) => ({ trial: name, phase: "touch", ordinal: 4 })),
    host_costs: [...costs("off", 300), ...costs("on", 0)],
    ksm: ["off", "on"].map((name) => {
      const pages = { pages_shared: 100, pages_sharing: 900 };
      return { trial: name, phase: "merge", at_phase_end: true, ...pages };
    }),
    cpu: ["off", "on"].map((name) => {
      return { trial: name, phase: "merge", task: "ksmd", run_ns: name === "off" ? 8e6 : 16e6 };
    }),
  },
  /* 1000 pages in 8 ms, which are a million instructions. */
  sentences: [
    "In pagecache: instructions for a vmexit while touching: 4,000 in off and 1,000 in on; for a " +
    "second-level fault: 5,000 in off and none in on; pages merged per million instructions of ksmd: " +
    "1,000 in off and 500 in on.",
  ],
};

/** Two trials on a machine; of a process' flush nothing is known. */
const primitiveCosts: MadeUp = {
  question: "primitive_costs",
  finding: "primitives",
  tables: {
    trials: ["a", "b"].map((name) => trial(name)),
    primitives: ["a", "b"].flatMap((name, at) =>
      ([
        ["vmexit", "asleep", 3000],
        ["refault", "asleep", 9000],
        ["interrupt", "asleep", 500],
        ["interrupt", "running", 4500 + 1000 * at],
        ["guest flush", "asleep", 8000],
        ["guest flush", "running", 14_000],
      ] as const).map(([operation, others, ticks]) => ({
        ...{ trial: name, operation, others, rounds: 1000 },
        ...{ least_ticks: ticks - 100, median_ticks: ticks },
      }))
    ),
  },
  /* 4500 and 5500 less 500 each; 14000 less 8000. */
  sentences: [
    "Measured with nothing traced: a vmexit and the next entry 3,000 ns (3,000 ticks), a refault 9,000 ns " +
    "(9,000 ticks) and a flush of a guest that does not run 8,000 ns (8,000 ticks).",
    "More, where another CPU is at work and has to be interrupted: an interrupt and its answer 4,500 ns " +
    "(4,500 ticks) and a flush of a guest 6,000 ns (6,000 ticks).",
  ],
};

/** What two guests read, in trials with KSM and without. */
function readings(differing: boolean): MadeUp {
  const trials = [["off", "off"], ["off", "on"], ["on", "on"]] as const;
  const nameOf = (arm: string, ksm: string) => `${arm} ${ksm}`;
  return {
    question: "transparency",
    finding: "transparency",
    tables: {
      trials: trials.map(([arm, ksm]) =>
        trial(nameOf(arm, ksm), { arm, condition: `ksm=${ksm}`, ksm })
      ),
      touch: trials.flatMap(([arm, ksm]) =>
        [0, 1].map((guest) => ({
          ...{ trial: nameOf(arm, ksm), phase: "touch", guest, round: 1 },
          checksum: differing && guest === 1 && arm === "on" ? "bad" : `${guest}`,
        }))
      ),
    },
    sentences: [
      differing
        ? "No: 1 of 2 contents differ between trials with KSM and without, in pagecache touch."
        : "Yes: in pagecache, the guests read the same with KSM and without, in all arms: 6 " +
          "checksums, 2 contents, no difference.",
    ],
  };
}

export const MADE_UP: readonly MadeUp[] = [
  breaks,
  density,
  scanRate,
  swapping,
  hostCosts,
  machineCosts,
  primitiveCosts,
  flushes,
  whileMerging,
  readings(false),
  readings(true),
];
