// SPDX-License-Identifier: Apache-2.0
/** What KVM and the host's scheduler count for each guest. */
import { errorCodeOf, reasonOf, type Vendor } from "../../machines/machine.ts";
import type { Reason } from "../../machines/reason.ts";
import { decodeFault, type Fault, FAULT_BITS } from "../../machines/x86_64/pages.ts";
import { counts, declare, type Derived, optional, text, whole } from "../declaration.ts";
import { guest, vcpu } from "./common.ts";

function ofFault(type: Derived["type"], text: string, part: keyof Fault): Derived {
  return {
    ...{ type, text },
    of: ({ error_code }, processor) =>
      decodeFault(errorCodeOf(processor, Number(error_code)))[part],
  };
}

function reasonIn(vendor: Vendor | null, code: unknown): Reason | undefined {
  return vendor === null || typeof code !== "number" ? undefined : reasonOf(vendor, code);
}

/** Kinds of records about guests. */
export const guestRecords = {
  exits: declare({
    says: "How often a virtual CPU left the guest for a reason.",
    fields: {
      guest: optional({ ...guest, column: "NULL if counted for the whole host" }),
      vcpu: optional({ ...vcpu, column: "number of its virtual CPU, from 0; NULL if not known" }),
      reason_code: optional(whole("the processor's exit code as recorded")),
      said: optional(
        text("what an imported file calls a reason that the lab has no code for"),
      ),
      count: whole("vmexits", { column: "vmexits in this phase" }),
    },
    table: {
      form: "counters",
      key: ["guest", "vcpu", "reason_code", "said"],
      derived: {
        reason: {
          type: "VARCHAR",
          text: "its name in `reasons`; NULL if there is none",
          of: ({ reason_code, said }, { vendor }) =>
            said as string | null ?? reasonIn(vendor, reason_code)?.name ?? null,
        },
        class: {
          type: "VARCHAR",
          text: "its class in `reasons`: 'fault', 'interrupt', 'halt', ...; NULL if it has no name",
          of: ({ reason_code }, { vendor }) => reasonIn(vendor, reason_code)?.class ?? null,
        },
      },
      zeros: "left out",
    },
  }),
  faults: declare({
    says: "How often KVM's page-fault handler was called for an access of a virtual CPU.",
    fields: {
      guest,
      vcpu,
      error_code: whole(
        "KVM's page fault error code as recorded; with EPT the exit qualification of the violation",
      ),
      count: whole("second-level page faults", {
        column: "second-level page faults in this phase",
      }),
    },
    table: {
      form: "counters",
      key: ["guest", "vcpu", "error_code"],
      derived: {
        kvm_error_code: {
          type: "BIGINT",
          text: "KVM's page fault error code, also with EPT: what KVM makes of the qualification",
          of: ({ error_code }, processor) => errorCodeOf(processor, Number(error_code)),
        },
        access: ofFault(
          "fault_access",
          `of kvm_error_code: 'fetch' (bit ${FAULT_BITS.fetch}), else 'write' (bit ${FAULT_BITS.write}), else 'read'`,
          "access",
        ),
        present: ofFault(
          "BOOLEAN",
          `bit ${FAULT_BITS.present}: a mapping was there, but did not allow the access`,
          "present",
        ),
        guest_walk: ofFault(
          "BOOLEAN",
          `bit ${FAULT_BITS.guestPageTable}: raised by the walk of the guest's own page table`,
          "guest_walk",
        ),
        mmio: ofFault(
          "BOOLEAN",
          `bit ${FAULT_BITS.reserved}: a mapping that KVM made invalid on purpose, to see device accesses`,
          "mmio",
        ),
      },
      zeros: "left out",
    },
  }),
  mapped: declare({
    says:
      "What change_pte did to a guest's second-level page tables; only kernels with the series " +
      "count it.",
    fields: {
      guest: optional({ ...guest, column: "NULL if counted for the whole host" }),
      updated: whole("second-level PTEs rewritten in place by change_pte"),
      zapped: whole("second-level PTEs change_pte could only drop"),
      missed: whole("change_pte calls that found no second-level PTE"),
      unmapped: whole("mappings dropped by range_start although change_pte followed"),
    },
    table: { form: "counters", key: ["guest"], zeros: "kept" },
  }),
  kvm_stats: declare({
    says: "KVM's own statistics of a guest, as debugfs has them.",
    fields: { guest },
    further: { text: "a statistic" },
    table: {
      form: "statistics",
      key: ["guest"],
      further: {
        name: {
          name: "stat",
          text: "name of KVM's statistic: 'exits', 'pf_taken', 'pages_4k', ...",
        },
        atEnd: {
          name: "value_at_end",
          text: "its value at the end of the phase (what counts for a gauge like pages_4k)",
        },
        change: {
          name: "change",
          text: "by how much it changed in the phase (what counts for a counter)",
        },
      },
    },
  }),
  cpu: declare({
    says: "CPU time that a thread has had.",
    fields: {
      task: text("'ksmd', 'vcpu', 'vmm', or 'process' for a plain process in a guest's place"),
      guest: optional({ ...guest, column: "NULL for the host's own tasks" }),
      vcpu: optional({ ...vcpu, column: "of a vcpu: its number, from 0; else NULL" }),
      run_ns: whole("CPU time used", { unit: "ns", column: "CPU time used in this phase, ns" }),
    },
    table: { form: "counters", key: ["task", "guest", "vcpu"], zeros: "kept" },
  }),
  host_faults: declare({
    says: "Page faults of a guest's VMM or process that the host's memory management handled.",
    fields: {
      guest,
      minor: whole("page faults of its VMM or process that the host handled without a disk"),
      major: whole("page faults that had to wait for one, here for swap"),
    },
    table: { form: "counters", key: ["guest"], zeros: "kept" },
  }),
  touch: declare({
    says: "A guest went over its working set once.",
    fields: {
      guest,
      round: whole("round over the working set, from 1; 0 in 'load'"),
      pages: whole("touches: pages, or operations, see unit"),
      ticks: whole(
        "ticks of the guest's clock in all; see tick_hz and ticks_an_instruction in host",
      ),
      unit: {
        ...optional(text("'page' or 'operation' (a batch of system calls)")),
        cell: (value: unknown) => String(value ?? "page"),
      },
      checksum: optional(text("of the content read, hex")),
      histogram: optional(counts("touches that took 2^i up to 2^(i+1) ticks, i from 0")),
    },
    table: {
      form: "as recorded",
      columns: ["phase", "guest", "round", "t_ns", "pages", "ticks", "unit", "checksum"],
      histogram: {
        table: "touch_histogram",
        says: "How many touches of a record of kind touch took how long.",
        field: "histogram",
        keys: ["guest", "round"],
      },
    },
  }),
};
