// SPDX-License-Identifier: Apache-2.0
import type { LineOf, Records } from "../../contract/records.ts";
import { errorCodeOf, type Processor } from "../../machines/machine.ts";
import {
  ENTRY_BITS,
  PAGE_BYTES,
  SPTE_PRESENT,
  TABLE_ENTRIES,
} from "../../machines/x86_64/pages.ts";
import type { ColumnBatch } from "../engine/columns.ts";
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
import { ShadowTables } from "./shadow.ts";
import {
  ANSWERS,
  type Cause,
  CAUSES,
  CHANGE_FOLLOWS,
  emptyTables,
  type Head,
  type Notification,
  type TraceTables,
} from "./tables.ts";
import { guestsOfSpaces, type Role, ROLES, type Task, tasksOf } from "./tasks.ts";

/** enum mmu_notifier_event, include/linux/mmu_notifier.h. */
const NOTIFY = { unmap: 0, clear: 1, protectVma: 2, protectPage: 3, release: 5, migrate: 6 };

/** What the trace does not say itself. */
export interface TraceFacts {
  trialNumber: number;
  /** Name of the records file, for messages. */
  file: string;
  /** With shadow paging the events say other things, and with EPT faults have other codes. */
  processor: Processor;
  /** change_pte is on: what KSM merges stays mapped. */
  inPlace: boolean;
}

/**
 * Turns the raw events of a trial into rows of the tables `trace_...`: says for each which guest and
 * which of its pages it concerns, in which phase it lies, and for each dropped mapping why.
 *
 * @returns batches by table name; none if the trial was not traced
 * @throws {LabError} If a `trace_events` record is broken.
 */
export function traceRows(
  records: Records,
  { trialNumber, file, processor, inPlace }: TraceFacts,
): Record<string, ColumnBatch> {
  if (records.trace_events.length === 0) return {};
  const events = decodeEvents(records.trace_events, file);
  const taskOf = tasksOf(records.trace_tasks);
  const guestOfSpace = guestsOfSpaces(events, taskOf);
  const kernel = kernelHabits(events, taskOf);
  const regions = new Map(records.trace_regions.map((region) => [region.guest, region]));
  const tables = emptyTables();
  const shadowTables = processor.paging === "shadow"
    ? new ShadowTables(tables, events, inPlace)
    : undefined;
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
    const thread = events.task[at]!;
    const task = taskOf(thread);
    const head: Head = [trialNumber, at, events.t_ns[at]!, phase_ordinal];
    shadowTables?.see(at, head, task);
    if (kind === FAULT && task.guest !== undefined && shadowTables === undefined) {
      const gfn = Math.floor(valueOf(events, at, 0) / PAGE_BYTES);
      const unsaid = [gfn, 0, 0, ANSWERS.indexOf("unsaid")];
      const code = errorCodeOf(processor, valueOf(events, at, 1));
      tables.trace_faults.add(...head, task.guest, gfn, code, ...unsaid);
    } else if (kind === EXIT && task.guest !== undefined) {
      tables.trace_exits.add(...head, task.guest, valueOf(events, at, 0));
    } else if (kind === INVALIDATE) {
      const guest = guestOfSpace.get(valueOf(events, at, 0));
      const notification = notify(events, at, task, guest, regions.get(guest ?? -1), kernel);
      notifications.set(thread, notification);
      addNotification(tables, head, events, at, task, notification);
      shadowTables?.invalidate(head, task.role, notification, valueOf(events, at, 3));
    } else if (kind === CHANGE) {
      const guest = guestOfSpace.get(valueOf(events, at, 0));
      const gfn = gfnOf(valueOf(events, at, 1), regions.get(guest ?? -1));
      addChange(tables, head, events, at, task, { guest, gfn }, notifications.get(thread));
      shadowTables?.changeInPlace(head, task.role, { guest, gfn }, valueOf(events, at, 2));
    } else if (kind === SPTE) {
      addSpte(tables, head, events, at, task, notifications.get(thread));
    }
  }
  shadowTables?.end();
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.batch()]),
  );
}

/** The guest's page frame number of a page of its VMM's memory. */
function gfnOf(page: number, region: LineOf<"trace_regions"> | undefined): number | undefined {
  if (region === undefined) return undefined;
  const index = page - region.hva / PAGE_BYTES;
  const within = index >= 0 && index < region.bytes / PAGE_BYTES;
  return within ? index + region.gpa / PAGE_BYTES : undefined;
}

/** The part of a notification that concerns the guest's memory; no pages if it does not. */
function notify(
  events: Events,
  at: number,
  task: Task,
  guest: number | undefined,
  region: LineOf<"trace_regions"> | undefined,
  kernel: KernelHabits,
): Notification {
  const [first, pages] = [valueOf(events, at, 1), valueOf(events, at, 2)];
  const flagged = (valueOf(events, at, 3) & CHANGE_FOLLOWS) !== 0;
  const cause = causeOf(task, guest, { pages, event: valueOf(events, at, 4), flagged }, kernel);
  const base = region === undefined ? 0 : region.hva / PAGE_BYTES;
  const size = region === undefined ? 0 : region.bytes / PAGE_BYTES;
  const from = Math.max(first, base);
  const count = Math.max(0, Math.min(first + pages, base + size) - from);
  const gfn = from - base + (region?.gpa ?? 0) / PAGE_BYTES;
  return { guest: guest ?? -1, gfn, pages: count, cause, row: undefined, changed: [] };
}

/** What kernels do differently. */
interface KernelHabits {
  /** A copy on write is announced by change_pte too: until 6.9. */
  announcesCopies: boolean;
  /** What KSM merges is flagged: with the series. */
  flagsMerges: boolean;
}

function kernelHabits(events: Events, taskOf: (task: number) => Task): KernelHabits {
  const habits = { announcesCopies: false, flagsMerges: false };
  for (let at = 0; at < events.count; at++) {
    if (events.kind[at] === CHANGE && (valueOf(events, at, 3) & ENTRY_BITS.writable) !== 0) {
      habits.announcesCopies ||= taskOf(events.task[at]!).guest !== undefined;
    } else if (events.kind[at] === INVALIDATE) {
      habits.flagsMerges ||= (valueOf(events, at, 3) & CHANGE_FOLLOWS) !== 0;
    }
  }
  return habits;
}

/** Why, as far as it can be told before it is known what the host's page table gets instead. */
function causeOf(
  { role, guest: own }: Task,
  guest: number | undefined,
  { pages, event, flagged }: { pages: number; event: number; flagged: boolean },
  kernel: KernelHabits,
): Cause {
  if (event === NOTIFY.unmap) return "unmap";
  if (event === NOTIFY.release) return "release";
  if (event === NOTIFY.migrate || role === "kcompactd") return "migration";
  if (event === NOTIFY.protectVma || event === NOTIFY.protectPage) return "protection";
  if (event !== NOTIFY.clear) return "other";
  if (role === "khugepaged") return "collapse";
  if (pages >= TABLE_ENTRIES && (role === "ksmd" || own === guest)) return "split";
  if (role === "ksmd") return kernel.flagsMerges && !flagged ? "unmerge" : "merge";
  if (role === "kswapd" || own !== guest) return "reclaim";
  return pages === 1 && !kernel.announcesCopies ? "break" : "discard";
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

function addNotification(
  tables: TraceTables,
  head: Head,
  events: Events,
  at: number,
  { role }: Task,
  notification: Notification,
): void {
  const { guest, gfn, pages, cause } = notification;
  if (guest < 0 || pages === 0) return;
  notification.row = tables.trace_notifications.add(
    ...[...head, guest, gfn, pages, ROLES.indexOf(role)],
    ...[valueOf(events, at, 3), valueOf(events, at, 4), CAUSES.indexOf(cause)],
  );
}

function addChange(
  tables: TraceTables,
  head: Head,
  events: Events,
  at: number,
  { role }: Task,
  { guest, gfn }: { guest: number | undefined; gfn: number | undefined },
  notification: Notification | undefined,
): void {
  const writable = (valueOf(events, at, 3) & ENTRY_BITS.writable) !== 0;
  if (notification !== undefined) recast(tables, notification, changeCause(role, writable));
  if (guest === undefined || gfn === undefined) return;
  const pfn = valueOf(events, at, 2);
  tables.trace_host_ptes.add(...head, guest, gfn, ROLES.indexOf(role), pfn, Number(writable));
}

function addSpte(
  tables: TraceTables,
  head: Head,
  events: Events,
  at: number,
  task: Task,
  notification: Notification | undefined,
): void {
  const [gfn, level] = [valueOf(events, at, 0), valueOf(events, at, 1)];
  const [oldPfn, oldBits] = [valueOf(events, at, 2), valueOf(events, at, 3)];
  const [newPfn, newBits] = [valueOf(events, at, 4), valueOf(events, at, 5)];
  const span = TABLE_ENTRIES ** (level - 1);
  const covered = notification !== undefined && notification.pages > 0 &&
    gfn + span > notification.gfn && gfn < notification.gfn + notification.pages;
  const dropped = (newBits & SPTE_PRESENT) === 0;
  // Under a fault it maps a page itself; whoever else changes an entry does it for a notification.
  const notified = covered && (dropped || task.role !== "vcpu");
  const guest = notified ? notification.guest : task.guest;
  if (guest === undefined) return;
  const cause = notified ? notification.cause : ownCause(task.role, dropped);
  const row = tables.trace_sptes.add(
    ...[...head, guest, gfn, gfn, level, ROLES.indexOf(task.role), CAUSES.indexOf(cause)],
    ...[oldPfn, oldBits, newPfn, newBits],
  );
  if (notified) notification.changed.push(row);
}

/** Why a thread changes an entry that no notification of its own is about. */
function ownCause(role: Role, dropped: boolean): Cause {
  if (dropped) return "memory slots";
  return role === "vcpu" ? "guest fault" : "other";
}
