// SPDX-License-Identifier: Apache-2.0
/** What the host says of itself: KSM, memory in use, events, interrupts, locks, a census. */
import { declare, oneOf, optional, text, whole } from "../declaration.ts";
import { guest } from "./common.ts";

/** Kinds of records about the host. */
export const hostRecords = {
  ksm: declare({
    says: "The numbers of /sys/kernel/mm/ksm.",
    fields: {
      run: optional(whole("0 stopped, 1 running, 2 unmerging")),
      full_scans: optional(whole("full scans since boot")),
      ksmd_run_ns: optional(
        whole("CPU time of ksmd since boot", {
          unit: "ns",
          column: "CPU time of ksmd since boot, ns; NULL if the lab did not look",
        }),
      ),
      pages_shared: optional(whole("merged pages kept", { unit: "pages" })),
      pages_sharing: optional(whole("further mappings of them: pages of memory saved")),
      pages_unshared: optional(whole("looked at and found unique", { unit: "pages" })),
      pages_volatile: optional(whole("changing too fast to be merged", { unit: "pages" })),
      pages_to_scan: optional(whole("setting in force")),
      sleep_millisecs: optional(whole("setting in force", { unit: "ms" })),
      max_page_sharing: optional(whole("setting in force")),
      use_zero_pages: optional(whole("setting in force")),
      stable_node_chains: optional(whole("pages with more than max_page_sharing mappings")),
      stable_node_dups: optional(whole("duplicates those needed")),
    },
    further: { text: "every other number there" },
    table: {
      form: "readings",
      of: [],
      further: {
        together: { name: "others", text: "every other number of /sys/kernel/mm/ksm, JSON text" },
      },
    },
  }),
  memory: declare({
    says: "Memory in use, of the host or of a guest.",
    fields: {
      scope: text(
        "'host' (/proc/meminfo), 'guest' (smaps_rollup of its VMM or process) or 'inside' (the " +
          "guest's own /proc/meminfo)",
      ),
      guest: optional({ ...guest, column: "NULL for the host" }),
    },
    further: { text: "a line of that file", unit: "KiB", ending: "_kib" },
    table: {
      form: "readings",
      of: ["scope", "guest"],
      further: {
        name: { name: "metric", text: "name in that file: 'MemFree', 'Pss', ..." },
        value: { name: "kib", text: "value", unit: "KiB" },
      },
    },
  }),
  vm_events: declare({
    says: "Events of the host's memory management, from /proc/vmstat.",
    fields: {},
    further: { text: "how often it happened" },
    table: {
      form: "counters",
      key: [],
      zeros: "left out",
      further: {
        name: {
          name: "event",
          text: "name in the host's /proc/vmstat: 'pswpout', 'cow_ksm', ...; those that did not " +
            "happen are left out",
        },
        change: {
          name: "count",
          text: "how often in this phase; pages for pswpin, pswpout, pgsteal_*, pgscan_*",
        },
      },
    },
  }),
  interrupts: declare({
    says: "Interrupts of a CPU of the host by what they are for, from /proc/interrupts.",
    fields: {
      cpu: whole("CPU of the host, from 0"),
      name: text(
        "the kernel's name: 'LOC' its timer; from other CPUs 'RES' to schedule, 'CAL' to call a " +
          "function, 'TLB' to drop translations; 'devices' all those of devices",
      ),
      count: whole("how many", { column: "how many in this phase" }),
    },
    table: { form: "counters", key: ["cpu", "name"], zeros: "left out" },
  }),
  primitives: declare({
    says:
      "What single operations cost on a real host before the trial's first phase, with nothing traced, by " +
      "the time-stamp counter of the CPU that does them. What is between `asleep` and `running` is the " +
      "interrupt of another CPU, and the wait for its answer.",
    fields: {
      operation: text(
        "vmexit: a guest's CPUID, to its next instruction. refault: a guest's read that finds its " +
          "second-level mapping dropped, less one that finds it. interrupt: membarrier(). process flush: " +
          "mprotect() of a mapped page. guest flush: the same of a page of a guest's memory",
      ),
      others: oneOf(
        ["asleep", "running"],
        "what another thread, or for a guest flush another virtual CPU, does on another CPU meanwhile",
      ),
      rounds: whole("how often it was done"),
      least_ticks: whole("the shortest of them", { unit: "ticks" }),
      median_ticks: whole("the middle one", { unit: "ticks" }),
    },
    table: {
      form: "as recorded",
      columns: ["operation", "others", "rounds", "least_ticks", "median_ticks"],
    },
  }),
  surroundings: declare({
    says:
      "What else went on at a real host, as it stood before the trial's first phase and behind its last: of " +
      "trials that are measured in time. Their difference is judged.",
    fields: {
      event: oneOf(["before", "after"], "which of both"),
      throttled: optional(
        whole(
          "how often the trial's CPUs, or their package, were slowed down for their heat so far",
          {
            column:
              "how often the trial's CPUs, or their package, were slowed down for their heat since " +
              "the host was started; NULL where the processor does not count it",
          },
        ),
      ),
      stolen_ns: optional(
        whole("time in which the trial's CPUs had work and another machine had them", {
          ...{ unit: "ns" },
          column:
            "time in which the trial's CPUs had work and another machine had them, since the host " +
            "was started, ns",
        }),
      ),
      pages_shared: optional(whole("KSM's, at that moment", { unit: "pages" })),
      pages_sharing: optional(whole("KSM's, at that moment", { unit: "pages" })),
      merged_elsewhere: optional(
        whole("merged pages of all processes that are there, when none of the trial's is", {
          ...{ unit: "pages" },
          column:
            "merged pages of processes that are none of the trial's; NULL where the kernel does " +
            "not say",
        }),
      ),
    },
    table: {
      form: "as recorded",
      columns: [
        ...["t_ns", "event", "throttled", "stolen_ns", "pages_shared", "pages_sharing"],
        "merged_elsewhere",
      ],
    },
  }),
  host_costs: declare({
    says: "What the host pays, where that was looked at: locks, TLB flushes, time by exit.",
    fields: {
      what: text(
        "'write lock', 'read lock' (any reader-writer lock, mmu_lock among them), 'tlb flush', 'exit'",
      ),
      key: text(
        "function that took the lock; reason of the flush (enum tlb_flush_reason); exit code",
      ),
      count: whole("how often", { column: "how often in this phase" }),
      spent_ns: whole("exits: time until the guest was entered again, ns; otherwise 0"),
    },
    table: { form: "counters", key: ["what", "key"], zeros: "left out" },
  }),
  census: declare({
    says:
      "Guest pages that are alike, or that are one page of the host, by how many guests have them.",
    fields: {
      grouped_by: text(
        "'content': equal content is a group; 'frame': the same page of the host is one; 'swap': " +
          "pages that are swapped out",
      ),
      class: text("'zero': empty pages; 'data': all others"),
      guests: whole("number of guests that have a page in the group"),
      pages: whole("guest pages in all groups of that many guests"),
      groups: whole("number of these groups"),
    },
    table: {
      form: "as recorded",
      columns: ["grouped_by", "class", "guests", "pages", "groups"],
    },
  }),
};
