// SPDX-License-Identifier: Apache-2.0
/** Records about the trial itself: what it ran on, what was planned, its phases, and what went wrong. */
import { architectures, vendors } from "../../machines/machine.ts";
import { declare, flag, oneOf, optional, text, whole } from "../declaration.ts";
import { guest } from "./common.ts";

/** Kinds of records about the trial. */
export const trialRecords = {
  host: declare({
    says: "What the trial runs on; the first record of all.",
    fields: {
      arch: optional(oneOf(architectures, "architecture of the host's processor")),
      vendor: optional(
        oneOf(vendors, "its virtualization: 'svm' or 'vmx'; exit codes differ", {
          column: "its virtualization: 'svm' or 'vmx'; exit codes differ; NULL if not known",
        }),
      ),
      kernel: optional(text("release of the host's kernel, as uname(2) has it")),
      cpus: optional(whole("CPUs of the host")),
      page_bytes: whole("size of its small pages", { unit: "bytes" }),
      tick_hz: optional(
        whole("rate of the counter that times touches", { unit: "ticks a second" }),
      ),
      ticks_an_instruction: {
        ...whole("ticks that each executed instruction takes; 0 where time is not counted so", {
          column: "ticks that each executed instruction takes; NULL where time is not counted so",
        }),
        cell: (value: unknown) => Number(value) === 0 ? null : Number(value),
      },
    },
    table: {
      form: "as recorded",
      columns: [
        ...["arch", "vendor", "kernel", "cpus", "page_bytes", "tick_hz", "ticks_an_instruction"],
      ],
    },
  }),
  plan: declare({
    says: "The plan as the agent read it, each of its keys a member.",
    fields: { format: whole("format of plan and records") },
    open: true,
    table: { form: "own" },
  }),
  phases: declare({
    says: "A phase of the trial begins or ends.",
    fields: { event: oneOf(["begin", "end"], "which of both") },
    table: {
      form: "own",
      columns: {
        phase: {
          type: "VARCHAR",
          text: "'boot', 'load', 'settle', 'merge', 'touch', 'rewrite', ..., 'end'",
        },
        ordinal: { type: "BIGINT", text: "position in the trial, from 0" },
        begin_ns: { type: "BIGINT", text: "when it began, ns" },
        end_ns: { type: "BIGINT", text: "when it ended, ns" },
        duration_ns: { type: "BIGINT", text: "end_ns - begin_ns" },
        wall_s: {
          type: "DOUBLE",
          text: "wall-clock time, s; not deterministic; NULL if not recorded",
        },
      },
    },
  }),
  logs: declare({
    says: "Something the host or a guest said in words.",
    fields: {
      source: text("'host' or 'guest'"),
      guest: optional(guest),
      text: text("what was said"),
    },
    table: { form: "as recorded", columns: ["phase", "t_ns", "source", "guest", "text"] },
    ofFailedTrials: true,
  }),
  failures: declare({
    says: "The trial cannot go on; the last record of a failed one.",
    fields: {
      reason: text("why the trial failed"),
      guest: optional({ ...guest, column: "the guest at fault; NULL if none" }),
      console: optional(
        text("last lines of its console", { column: "last lines of its console; NULL if none" }),
      ),
    },
    table: { form: "as recorded", columns: ["reason", "guest", "console"] },
    ofFailedTrials: true,
  }),
  growth: declare({
    says: "How far the host is from being short of memory, after a guest more in the phase `grow`.",
    fields: {
      guests: whole("guests that run by then"),
      swapped_out_pages: whole(
        "pages that the host has swapped out since the first guest was loaded",
      ),
      stalls: whole("how often somebody had to reclaim memory before getting any, since then"),
      pressed: flag("whether that is pressure: 256 pages swapped out, or more"),
    },
    table: {
      form: "as recorded",
      columns: ["phase", "t_ns", "guests", "swapped_out_pages", "stalls", "pressed"],
    },
  }),
};
