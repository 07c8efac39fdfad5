import type { RecordOf, Records } from "../records.ts";
import { type ColumnBatch, Rows } from "./columns.ts";
import {
  CHANGE,
  decodeEvents,
  type Events,
  EXIT,
  FAULT,
  INVALIDATE,
  MARK,
  SPTE,
  valueOf,
} from "./decode.ts";
import { guestsOfSpaces, type Role, ROLES, type Task, tasksOf } from "./tasks.ts";

/** Why a mapping of the second level changed, or a range of it was to be dropped. */
export const CAUSES = [
  ...["guest fault", "merge", "break", "unmerge", "split", "collapse", "reclaim", "migration"],
  ...["discard", "unmap", "protection", "release", "memory slots", "other"],
] as const;
export type Cause = (typeof CAUSES)[number];

/** enum mmu_notifier_event, include/linux/mmu_notifier.h. */
const NOTIFY = { unmap: 0, clear: 1, protectVma: 2, protectPage: 3, release: 5, migrate: 6 };

const PAGE_BITS = 12;
const HUGE_PAGES = 512;
const WRITABLE = 2;
/** SPTE_MMU_PRESENT_MASK, arch/x86/kvm/mmu/spte.h: KVM's own mark of an entry that maps something. */
const SPTE_PRESENT = 1 << 11;

const head = { trial_number: "u16", seq: "u32", t_ns: "i64", phase_ordinal: "u8" } as const;

function emptyTables() {
  return {
    trace_faults: new Rows({ ...head, guest: "u8", gfn: "u32", error_code: "i64" }),
    trace_exits: new Rows({ ...head, guest: "u8", reason_code: "u32" }),
    trace_notifications: new Rows({
      ...{ ...head, guest: "u8", gfn: "u32", pages: "u32", role: ROLES },
      ...{ flags: "u8", event_code: "u8", cause: CAUSES },
    }),
    trace_host_ptes: new Rows({
      ...{ ...head, guest: "u8", gfn: "u32", role: ROLES, pfn: "i64", writable: "u8" },
    }),
    trace_sptes: new Rows({
      ...{ ...head, guest: "u8", gfn: "u32", level: "u8", role: ROLES, cause: CAUSES },
      ...{ old_pfn: "i64", old_bits: "u32", new_pfn: "i64", new_bits: "u32" },
    }),
  };
}

type TraceTables = ReturnType<typeof emptyTables>;

/** A notification that a thread is in the middle of, or was last. */
interface Notification {
  guest: number;
  gfn: number;
  pages: number;
  cause: Cause;
  /** Its row, if it concerns the guest's memory. */
  row: number | undefined;
  /** Rows of `trace_sptes` that changed under it. */
  changed: number[];
}

/**
 * Turns the raw events of a trial into rows of the tables `trace_...`: says for each which guest and
 * which of its pages it concerns, in which phase it lies, and for each dropped mapping why.
 *
 * @param file name of the records file, for messages
 * @returns batches by table name; none if the trial was not traced
 * @throws {LabError} If an `event` record is broken.
 */
export function traceRows(
  records: Records,
  trialNumber: number,
  file: string,
): Record<string, ColumnBatch> {
  if (records.event.length === 0) return {};
  const events = decodeEvents(records.event, file);
  const taskOf = tasksOf(records.task);
  const guestOfSpace = guestsOfSpaces(events, taskOf);
  const regions = new Map(records.region.map((region) => [region.guest, region]));
  const tables = emptyTables();
  const notifications = new Map<number, Notification>();
  let phase_ordinal = 0;
  // What follows the last phase's counters belongs to no phase.
  const end = events.kind.lastIndexOf(MARK) + 1;
  for (let at = 0; at < end; at++) {
    const kind = events.kind[at]!;
    if (kind === MARK) {
      phase_ordinal++;
      continue;
    }
    const task = taskOf(events.task[at]!);
    const head = { trial_number: trialNumber, seq: at, t_ns: events.t_ns[at]!, phase_ordinal };
    const value = (index: number) => valueOf(events, at, index);
    if (kind === FAULT && task.guest !== undefined) {
      const gfn = Math.floor(value(0) / 2 ** PAGE_BITS);
      tables.trace_faults.add({ ...head, guest: task.guest, gfn, error_code: value(1) });
    } else if (kind === EXIT && task.guest !== undefined) {
      tables.trace_exits.add({ ...head, guest: task.guest, reason_code: value(0) });
    } else if (kind === INVALIDATE) {
      const guest = guestOfSpace.get(value(0));
      const notification = notify(events, at, task, guest, regions.get(guest ?? -1));
      notifications.set(events.task[at]!, notification);
      const { gfn, pages } = notification;
      if (guest === undefined || pages === 0) continue;
      notification.row = tables.trace_notifications.add({
        ...{ ...head, guest, gfn, pages, role: ROLES.indexOf(task.role) },
        ...{ flags: value(3), event_code: value(4), cause: CAUSES.indexOf(notification.cause) },
      });
    } else if (kind === CHANGE) {
      const guest = guestOfSpace.get(value(0));
      const gfn = gfnOf(value(1), regions.get(guest ?? -1));
      const writable = (value(3) & WRITABLE) !== 0;
      const notification = notifications.get(events.task[at]!);
      if (notification !== undefined) {
        recast(tables, notification, changeCause(task.role, writable));
      }
      if (guest === undefined || gfn === undefined) continue;
      tables.trace_host_ptes.add({
        ...{ ...head, guest, gfn, role: ROLES.indexOf(task.role), pfn: value(2) },
        writable: Number(writable),
      });
    } else if (kind === SPTE) {
      addSpte(tables, head, events, at, task, notifications.get(events.task[at]!));
    }
  }
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.batch()]),
  );
}

/** The guest's page frame number of a page of its VMM's memory. */
function gfnOf(page: number, region: RecordOf<"region"> | undefined): number | undefined {
  if (region === undefined) return undefined;
  const index = page - region.hva / 2 ** PAGE_BITS;
  const within = index >= 0 && index < region.bytes / 2 ** PAGE_BITS;
  return within ? index + region.gpa / 2 ** PAGE_BITS : undefined;
}

/** The part of a notification that concerns the guest's memory; no pages if it does not. */
function notify(
  events: Events,
  at: number,
  task: Task,
  guest: number | undefined,
  region: RecordOf<"region"> | undefined,
): Notification {
  const [first, pages, event] = [1, 2, 4].map((index) => valueOf(events, at, index)) as [
    number,
    number,
    number,
  ];
  const cause = causeOf(task, guest, pages, event);
  const base = region === undefined ? 0 : region.hva / 2 ** PAGE_BITS;
  const size = region === undefined ? 0 : region.bytes / 2 ** PAGE_BITS;
  const from = Math.max(first, base);
  const count = Math.max(0, Math.min(first + pages, base + size) - from);
  const gfn = from - base + (region?.gpa ?? 0) / 2 ** PAGE_BITS;
  return { guest: guest ?? -1, gfn, pages: count, cause, row: undefined, changed: [] };
}

/** Why, as far as it can be told before it is known what the host's page table gets instead. */
function causeOf(
  { role, guest: own }: Task,
  guest: number | undefined,
  pages: number,
  event: number,
): Cause {
  if (event === NOTIFY.unmap) return "unmap";
  if (event === NOTIFY.release) return "release";
  if (event === NOTIFY.migrate || role === "kcompactd") return "migration";
  if (event === NOTIFY.protectVma || event === NOTIFY.protectPage) return "protection";
  if (event !== NOTIFY.clear) return "other";
  if (role === "ksmd") return pages >= HUGE_PAGES ? "split" : "merge";
  if (role === "khugepaged") return "collapse";
  if (role === "kswapd" || own !== guest) return "reclaim";
  return pages >= HUGE_PAGES ? "split" : "discard";
}

/** A PTE that takes the place of the one dropped: a shared page's is read-only, a copy's is not. */
function changeCause(role: Role, writable: boolean): Cause {
  if (role === "ksmd") return writable ? "unmerge" : "merge";
  return writable ? "break" : "protection";
}

/** What a notification was for shows after it began, when some mappings have gone already. */
function recast(tables: TraceTables, notification: Notification, cause: Cause): void {
  notification.cause = cause;
  const code = CAUSES.indexOf(cause);
  if (notification.row !== undefined) {
    tables.trace_notifications.set("cause", notification.row, code);
  }
  for (const row of notification.changed) tables.trace_sptes.set("cause", row, code);
}

interface Head {
  trial_number: number;
  seq: number;
  t_ns: number;
  phase_ordinal: number;
}

function addSpte(
  tables: TraceTables,
  head: Head,
  events: Events,
  at: number,
  task: Task,
  notification: Notification | undefined,
): void {
  const [gfn, level, old_pfn, old_bits, new_pfn, new_bits] = [0, 1, 2, 3, 4, 5].map((index) =>
    valueOf(events, at, index)
  ) as [number, number, number, number, number, number];
  const span = HUGE_PAGES ** (level - 1);
  const covered = notification !== undefined && notification.pages > 0 &&
    gfn + span > notification.gfn && gfn < notification.gfn + notification.pages;
  const dropped = (new_bits & SPTE_PRESENT) === 0;
  // Under a fault it maps a page itself; whoever else changes an entry does it for a notification.
  const notified = covered && (dropped || task.role !== "vcpu");
  const guest = notified ? notification.guest : task.guest;
  if (guest === undefined) return;
  const cause: Cause = notified
    ? notification.cause
    : dropped
    ? "memory slots"
    : task.role === "vcpu"
    ? "guest fault"
    : "other";
  const row = tables.trace_sptes.add({
    ...{ ...head, guest, gfn, level, role: ROLES.indexOf(task.role) },
    ...{ cause: CAUSES.indexOf(cause), old_pfn, old_bits, new_pfn, new_bits },
  });
  if (notified) notification.changed.push(row);
}
