// SPDX-License-Identifier: Apache-2.0
/** Records of what no trial of the lab has measured: imported, or observed on somebody else's host. */
import { declare, flag, optional, text, whole } from "../declaration.ts";
import { guest } from "./common.ts";

/** Kinds of records of runs whose mode is "imported" or "observed". */
export const outsideRecords = {
  sources: declare({
    says: "Where the numbers of an imported or observed run come from, and what they cannot tell.",
    fields: {
      name: text("name of the file, without its folder, or what was looked at"),
      form: text(
        "what it is: 'ksm', 'perf-kvm-stat', 'perf-script', 'kvmexit', 'ksmtuned-log', ...",
      ),
      readings: whole("readings, counts or steps that were found in it"),
      ignored: whole("lines that say nothing the lab knows"),
      span_ns: optional(
        whole("time over which it counts", {
          unit: "ns",
          column: "time over which it counts, ns; NULL if not known",
        }),
      ),
      timed: flag("whether it says when; if not, t_ns of its records is only their order"),
      cannot_know: text("what numbers of this kind cannot tell"),
    },
    table: {
      form: "as recorded",
      columns: ["name", "form", "readings", "ignored", "span_ns", "timed", "cannot_know"],
    },
  }),
  ksmtuned: declare({
    says:
      "A rate of scanning: one that ksmtuned has set, by its log, or can set, by its configuration.",
    fields: {
      source: text("'log' or 'conf'"),
      step: text("'stop', 'boost', 'decay', 'start'; of a configuration also 'least' and 'most'"),
      pages_to_scan: optional(
        whole("pages of a batch", { column: "pages of a batch; NULL where nothing is scanned" }),
      ),
      sleep_millisecs: optional(whole("pause between batches", { unit: "ms" })),
      committed_kib: optional(whole("memory that guests were promised", { unit: "KiB" })),
      free_kib: optional(whole("free memory, with buffers and page cache", { unit: "KiB" })),
    },
    table: {
      form: "as recorded",
      columns: [
        ...["t_ns", "source", "step", "pages_to_scan", "sleep_millisecs"],
        ...["committed_kib", "free_kib"],
      ],
    },
  }),
  vms: declare({
    says: "A virtual machine of an observed host.",
    fields: {
      guest,
      pid: whole("process of its VMM"),
      command: optional(text("the kernel's name of that process")),
      vcpus: optional(whole("its virtual CPUs, as far as they are known")),
    },
    table: { form: "as recorded", columns: ["guest", "pid", "command", "vcpus"] },
  }),
  after_merge: declare({
    says: "Second-level faults of a guest that were looked at one by one, and what went before.",
    fields: {
      guest: optional({ ...guest, column: "NULL where it is not known whose page it was" }),
      dropped: whole("second-level mappings that KSM dropped, of pages that were mapped"),
      faults: whole("read and fetch faults on pages that were not mapped"),
      after_drop: whole("those of them whose page KSM had dropped last"),
      writes: whole("write faults on pages that KSM had dropped last"),
      unseen_ns: whole("time in which no events were kept, as there were too many", { unit: "ns" }),
    },
    table: { form: "counters", key: ["guest"], zeros: "kept" },
  }),
};
