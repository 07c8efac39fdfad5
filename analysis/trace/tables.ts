// SPDX-License-Identifier: Apache-2.0
import { Rows } from "../engine/columns.ts";
import { ROLES } from "./tasks.ts";

/** Why a mapping of the second level changed, or a range of it was to be dropped. */
export const CAUSES = [
  ...["guest fault", "merge", "break", "unmerge", "split", "collapse", "reclaim", "migration"],
  ...["discard", "unmap", "protection", "release", "memory slots", "other"],
  // With shadow paging: the guest changed its own table, or KVM gave up what it made of one.
  ...["guest table", "shadow table"],
] as const;
export type Cause = (typeof CAUSES)[number];

/** What KVM did about a fault, where the trace says so: with shadow paging. */
export const ANSWERS = ["unsaid", "guest fault", "table", "mapped", "device", "nothing"] as const;
export type Answer = (typeof ANSWERS)[number];

/** MMU_NOTIFIER_RANGE_CHANGE_PTE, the series' flag of a range. */
export const CHANGE_FOLLOWS = 2;

/** Stands for a page or an entry that there is not. */
export const NONE = 2 ** 32 - 1;

/** Trial, place, time and phase: the columns that all tables begin with. */
export type Head = [trial_number: number, seq: number, t_ns: number, phase_ordinal: number];

const head = { trial_number: "u16", seq: "u32", t_ns: "i64", phase_ordinal: "u8" } as const;

/** The tables of the raw trace, as in tables/schema.sql. */
export function emptyTables() {
  return {
    trace_faults: new Rows({
      ...{ ...head, guest: "u8", gfn: "u32", error_code: "i64", entry: "u32" },
      ...{ guest_bits: "u32", guest_table: "u8", answer: ANSWERS },
    }),
    trace_exits: new Rows({ ...head, guest: "u8", reason_code: "u32" }),
    trace_notifications: new Rows({
      ...{ ...head, guest: "u8", gfn: "u32", pages: "u32", role: ROLES },
      ...{ flags: "u8", event_code: "u8", cause: CAUSES },
    }),
    trace_host_ptes: new Rows({
      ...{ ...head, guest: "u8", gfn: "u32", role: ROLES, pfn: "i64", writable: "u8" },
    }),
    trace_sptes: new Rows({
      ...{ ...head, guest: "u8", gfn: "u32", entry: "u32", level: "u8", role: ROLES },
      ...{ cause: CAUSES, old_pfn: "i64", old_bits: "u32", new_pfn: "i64", new_bits: "u32" },
    }),
  };
}

export type TraceTables = ReturnType<typeof emptyTables>;

/** A notification that a thread is in the middle of, or was last. */
export interface Notification {
  guest: number;
  gfn: number;
  pages: number;
  cause: Cause;
  /** Its row, if it concerns the guest's memory. */
  row: number | undefined;
  /** Rows of `trace_sptes` that changed under it. */
  changed: number[];
}
