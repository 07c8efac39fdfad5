// SPDX-License-Identifier: Apache-2.0
/** Made-up flushes of guests' TLBs, and what the report says of them. No number here was measured. */
import type { Row } from "../engine/arrow.ts";
import type { MadeUp } from "./made_up.ts";

const arms = ["off", "on", "map"] as const;

function trials(more: Row): Row[] {
  return arms.map((arm) => {
    const place = { workload: "pagecache", condition: "", seed: 1, status: "done" };
    return { trial: arm, arm, ...place, ...more };
  });
}

function stats(phase: string, requests: number[], interrupts: number[], mapped: number): Row[] {
  return arms.flatMap((trial, at) => [
    { trial, phase, guest: 0, stat: "remote_tlb_flush_requests", change: requests[at]! },
    { trial, phase, guest: 1, stat: "remote_tlb_flush", change: interrupts[at]! },
    { trial, phase, guest: 1, stat: "change_pte_mapped", change: trial === "map" ? mapped : 0 },
  ]);
}

/* 100 merged pages each; an access that finds no mapping, and nothing else, is a refault. */
export const flushes: MadeUp = {
  question: "flushes_per_merged_page",
  finding: "flushes",
  tables: {
    trials: trials({}),
    phases: arms.map((trial) => ({ trial, phase: "touch", ordinal: 4 })),
    ksm: arms.map((trial) => {
      return { trial, phase: "merge", at_phase_end: true, pages_shared: 10, pages_sharing: 90 };
    }),
    faults: arms.map((trial, at) => ({
      ...{ trial, phase: "touch", guest: 0, vcpu: 0, count: [40, 1, 2][at]! },
      ...{ access: "read", present: false, guest_walk: false, mmio: false },
    })),
    kvm_stats: [
      ...stats("merge", [110, 220, 110], [0, 0, 0], 85),
      ...stats("touch", [9, 9, 9], [], 0),
    ],
  },
  sentences: [
    "Updating mappings in place asked for 100 % more flushes of guests' TLBs per merged page than " +
    "dropping mappings, in pagecache (1 seed).",
    "Mapping the merged page anew asked for as many flushes as dropping them in pagecache (1 seed).",
    "In pagecache, flushes asked for per merged page: 1.1 in off, 2.2 in on and 1.1 in map; of " +
    "these, that interrupted a running virtual CPU: 0 in off, 0 in on and 0 in map; refaults per 100 " +
    "merged pages: 40 in off, 1 in on and 2 in map.",
    "The emulated hosts had one CPU, on which ksmd and guests take turns: no flush had to interrupt a " +
    "CPU, and none cost what it would between CPUs.",
  ],
};

export const whileMerging: MadeUp = {
  question: "while_merging",
  finding: "while-merging",
  tables: {
    trials: trials({ live: "on" }),
    phases: arms.flatMap((trial) =>
      ["merge", "touch", "restore"].map((phase, at) => ({ trial, phase, ordinal: 3 + at }))
    ),
    exits: arms.flatMap((trial, at) => [
      ...[exits(trial, "touch", "fault", [100, 40, 50][at]!), exits(trial, "merge", "fault", 1000)],
      exits(trial, "restore", "interrupt", [100, 110, 100][at]!),
    ]),
    faults: arms.map((trial, at) => ({
      ...{ trial, phase: "restore", guest: 0, vcpu: 0, count: [80, 20, 24][at]! },
      ...{ access: "write", present: false, guest_walk: false, mmio: false },
    })),
    kvm_stats: stats("touch", [10, 20, 10], [5, 10, 0], 7),
    cpu: arms.map((trial, at) => {
      return { trial, phase: "touch", task: "ksmd", run_ns: [1000, 1250, 1000][at]! };
    }),
    touch: arms.map((trial, at) => {
      return { trial, phase: "touch", guest: 0, round: 1, pages: 10, ticks: [800, 400, 440][at]! };
    }),
  },
  sentences: [
    "In pagecache, on against off: vmexits −25.0 %, for an interrupt +10.0 %, for a second-level " +
    "fault −75.0 %, flushes with an interrupt +100 %, time of ksmd +25.0 % and time of a touch " +
    "−50.0 % (1 seed).",
    "In pagecache, map against off: vmexits −25.0 %, for an interrupt 0 %, for a second-level fault " +
    "−70.0 %, flushes with an interrupt −100 %, time of ksmd 0 % and time of a touch −45.0 % (1 seed).",
  ],
};

function exits(trial: string, phase: string, of: string, count: number): Row {
  return {
    trial,
    phase,
    guest: 0,
    vcpu: 0,
    reason_code: of === "fault" ? 1024 : 96,
    class: of,
    count,
  };
}
