// SPDX-License-Identifier: Apache-2.0
/** What merging costs on an observed host, and what change_pte would spare. */
import { type Evidence, type Finding, rowsOf } from "../finding.ts";
import { counted, listed, percent, significant, whole, withUnit } from "../numbers.ts";
import type { Answer } from "../../engine/result.ts";
import { numberOf } from "./words.ts";

/** Costs of merging; null for what was imported. */
export function mergingFinding(evidence: Evidence): Finding | null {
  const [row] = rowsOf(evidence, "outside_merging");
  if (row === undefined) return null;
  const span_s = Number(row.span_s);
  return {
    id: "merging",
    heading: "What merging costs, and what change_pte would spare",
    sentences: [
      ...sparedSentences(row),
      ...hostSentences(row, span_s),
    ],
    caveats: [
      "A fault is counted as coming after a merge where KSM had dropped the page's mapping while the lab was looking and the " +
      "guest then read or fetched from it. What was dropped before, or in a moment of which no events were kept, is not among " +
      "them: the number is a least. No more than what was dropped can be spared: that is the most.",
      "What such a fault costs in time is not measured here: perf kvm stat or a run of the lab says it.",
    ],
    table: "outside_merging",
  };
}

function sparedSentences(row: Answer): string[] {
  const [dropped, faults, after] = ["dropped", "faults", "after_drop"].map((name) =>
    numberOf(row[name])
  );
  const followed_s = numberOf(row.followed_s);
  if (dropped === undefined || faults === undefined || after === undefined || !followed_s) {
    return [
      "How many faults come after a merge is not known: the kernel has no events for it, or they could not be used.",
    ];
  }
  const per = (count: number) => `${whole(count)} (${significant(count / followed_s)} a second)`;
  const share = faults === 0
    ? ""
    : `, ${percent(after / faults)} of the ${whole(faults)} on pages that were not mapped`;
  const exits = numberOf(row.exits);
  const ofAll = exits === undefined || exits === 0
    ? ""
    : ` and ${percent(after / exits)} of all vmexits`;
  const sparing = row.arm === "on"
    ? "The kernel has change_pte switched on: what is left is what it cannot spare."
    : after === 0 && dropped === 0
    ? "KSM dropped no mapping meanwhile: merging cost the guests nothing, and change_pte would spare nothing."
    : `change_pte would spare these ${whole(after)} faults at least, and ${
      whole(dropped)
    } at most.`;
  return [
    `KSM dropped ${per(dropped)} second-level mappings in the ${
      withUnit(followed_s, "s")
    } that were followed; ${per(after)} ` +
    `read or fetch faults came after it${share}${ofAll}.`,
    sparing,
    ...(numberOf(row.writes)
      ? [
        `${
          whole(Number(row.writes))
        } more were writes to pages that KSM had dropped: these must fault in any case, as the page is copied.`,
      ]
      : []),
  ];
}

function hostSentences(row: Answer, span_s: number): string[] {
  const number = (name: string) => numberOf(row[name]);
  const per = (count: number) => `${whole(count)} (${significant(count / span_s)} a second)`;
  const [flushes, requests, breaks, ksmd, vmm] = [
    "flushes",
    "flush_requests",
    "cow_breaks",
    "ksmd_ns",
    "vmm_ns",
  ]
    .map(number);
  const [exits, kvm] = [number("exits"), number("kvm_exits")];
  return [
    ...(requests === undefined ? [] : [
      `KVM asked virtual CPUs to flush their translations ${
        per(requests)
      } times, and had to interrupt somebody ${
        flushes === undefined ? "an unknown number of" : whole(flushes)
      } times; by whom it was asked is not told apart.`,
    ]),
    ...(breaks === undefined
      ? []
      : [`${per(breaks)} merged pages were written to and copied again (cow_ksm).`]),
    ...(ksmd === undefined ? [] : [
      `ksmd took ${percent(ksmd / 1e9 / span_s)} of one CPU${
        vmm === undefined || vmm === 0
          ? ""
          : `, ${percent(ksmd / vmm)} of what the guests' processes took`
      }.`,
    ]),
    ...(exits === undefined || kvm === undefined ? [] : [
      exits === kvm
        ? `KVM's own counter of exits agrees: ${whole(kvm)}.`
        : `Two counters of exits: ${whole(exits)} by the tracepoint, ${
          whole(kvm)
        } by KVM's debugfs; they are read ` +
          "one after the other while guests go on.",
    ]),
  ];
}

/** The machines and their memory; null for what was imported. */
export function guestsFinding(evidence: Evidence): Finding | null {
  const rows = rowsOf(evidence, "outside_guests");
  if (rowsOf(evidence, "outside_merging").length === 0) return null;
  const named = rows.map((row) => {
    const parts = [["rss_mib", "resident"], ["pss_mib", "its share"], [
      "merged_mib",
      "on merged pages",
    ]] as const;
    const memory = parts.flatMap(([name, what]) => {
      const value = numberOf(row[name]);
      return value === undefined ? [] : [`${withUnit(value, "MiB")} ${what}`];
    });
    return `Guest ${row.guest} (${row.command}, process ${row.pid}, ${
      counted(Number(row.vcpus), "virtual CPU")
    }): ${memory.length === 0 ? "its memory is not known" : listed(memory)}.`;
  });
  return {
    id: "guests",
    heading: "Memory by guest",
    sentences: rows.length === 0 ? ["No guest ran while the lab was looking."] : named,
    caveats: [
      "Reading a guest's memory walks its page tables: it is done at the beginning and at the end only.",
    ],
    table: "outside_guests",
  };
}
