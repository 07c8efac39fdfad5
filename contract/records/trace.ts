// SPDX-License-Identifier: Apache-2.0
/** The raw trace, of trials with observe=trace: see docs/TRACE.md. */
import { declare, optional, text, whole } from "../declaration.ts";
import { guest } from "./common.ts";

/** Kinds of records of the raw trace. */
export const traceRecords = {
  trace_events: declare({
    says: "Events of one CPU of the host in order, packed; the tables trace_... are made of them.",
    fields: {
      cpu: whole("CPU of the host, from 0"),
      count: whole("how many events"),
      data: text("the events, base64"),
    },
    table: { form: "own" },
  }),
  trace_tasks: declare({
    says: "Who a thread is, before the first event that names it.",
    fields: {
      task: whole("number of the thread"),
      name: optional(text("its name", { column: "its name; NULL if it had ended" })),
      guest: optional({ ...guest, column: "the guest whose VMM it belongs to; NULL if none" }),
    },
    table: { form: "as recorded", columns: ["task", "name", "guest"] },
  }),
  trace_regions: declare({
    says: "Where a guest's memory lies in its VMM.",
    fields: {
      guest,
      hva: whole("address in the VMM's memory"),
      bytes: whole("size", { unit: "bytes" }),
      gpa: whole("the guest's physical address"),
    },
    table: { form: "as recorded", columns: ["guest", "hva", "bytes", "gpa"] },
  }),
};
