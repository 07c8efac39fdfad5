// SPDX-License-Identifier: Apache-2.0
/** What KSM's settings mean for its counters, and what counters are missing. */
import { listed, whole } from "../numbers.ts";
import type { Reading } from "./reading.ts";

/** Sentences about settings that change what the counters count. */
export function settingsSentences(reading: Reading): string[] {
  return [...zeroPages(reading), ...scanning(reading), ...nodes(reading)];
}

function zeroPages(reading: Reading): string[] {
  const on = reading.number("use_zero_pages");
  const counted = reading.number("ksm_zero_pages");
  if (on === 1 && counted === undefined) {
    return [
      "use_zero_pages=1: empty pages are mapped to the kernel's zero page and then no longer counted by KSM, neither in " +
      "pages_sharing nor elsewhere. More is saved than is said here; kernels from 6.6 count it as ksm_zero_pages.",
    ];
  }
  if (on === 1) {
    return [
      "use_zero_pages=1: empty pages are mapped to the kernel's zero page; they stand in ksm_zero_pages and not in pages_sharing.",
    ];
  }
  return (counted ?? 0) > 0
    ? ["use_zero_pages is 0 now: those in ksm_zero_pages were merged while it was 1."]
    : [];
}

function scanning(reading: Reading): string[] {
  const advisor = reading.row.advisor;
  const skipped = reading.number("pages_skipped");
  const target = reading.number("advisor_target_scan_time");
  return [
    ...(reading.number("smart_scan") === 1
      ? [
        "smart_scan=1: pages that did not merge are passed over for some scans, so a pass reads fewer pages than it knows" +
        `${skipped === undefined ? "" : ` (${whole(skipped)} passed over so far)`}.`,
      ]
      : []),
    ...(advisor === "scan-time"
      ? [
        "advisor_mode=scan-time: the kernel chooses pages_to_scan itself" +
        `${
          target === undefined ? "" : `, so that a pass takes about ${target}\u00a0s`
        }; the value here is that of one moment.`,
      ]
      : []),
  ];
}

function nodes(reading: Reading): string[] {
  return reading.number("merge_across_nodes") === 0
    ? [
      "merge_across_nodes=0: pages are merged within a NUMA node only, so equal pages of two nodes stay two.",
    ]
    : [];
}

/** Counters by the kernel that brought them. */
const since: readonly (readonly [kernel: string, names: readonly string[]])[] = [
  ["4.13", ["max_page_sharing", "stable_node_chains", "stable_node_dups"]],
  ["4.11", ["use_zero_pages"]],
  ["6.4", ["general_profit"]],
  ["6.6", ["ksm_zero_pages", "pages_scanned"]],
  ["6.7", ["smart_scan", "pages_skipped"]],
];

/** What every kernel with KSM has. */
const always = [
  ...["run", "full_scans", "pages_shared", "pages_sharing", "pages_unshared", "pages_volatile"],
  ...["pages_to_scan", "sleep_millisecs"],
];

/** What is not there, and whether the kernel or the dump lacks it. */
export function missingCounters(reading: Reading): string[] {
  const lacks = (name: string) => reading.number(name) === undefined;
  const left = always.filter(lacks);
  const newer = since.flatMap(([kernel, names]) => {
    const missing = names.filter(lacks);
    return missing.length === 0 ? [] : [`${listed(missing)} (from ${kernel})`];
  });
  return [
    ...(left.length === 0 ? [] : [
      `Every kernel with KSM has ${
        listed(left)
      }; they are not among the numbers, so what rests on them is not said.`,
    ]),
    ...(newer.length === 0
      ? []
      : [`Not there, as the kernel is older or they were left out: ${newer.join(", ")}.`]),
  ];
}
