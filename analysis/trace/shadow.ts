// SPDX-License-Identifier: Apache-2.0
import {
  ENTRY_BITS,
  ENTRY_BYTES,
  PAGE_BYTES,
  SPTE_PRESENT,
  TABLE_ENTRIES,
} from "../../machines/x86_64/pages.ts";
import {
  type Events,
  EXIT,
  FAULT,
  GUEST_ENTRY,
  GUEST_FAULT,
  INVLPG,
  SHADOW_DEVICE,
  SHADOW_ENTRY,
  SHADOW_PAGE,
  SHADOW_SYNC,
  SHADOW_ZAP,
  valueOf,
} from "./decode.ts";
import {
  type Answer,
  ANSWERS,
  type Cause,
  CAUSES,
  CHANGE_FOLLOWS,
  type Head,
  NONE,
  type Notification,
  type TraceTables,
} from "./tables.ts";
import { type Role, ROLES, type Task } from "./tasks.ts";
import {
  aim,
  type Entry,
  type GuestTables,
  isDirect,
  keyOf,
  levelOf,
  type Open,
  opened,
  USED_BITS,
} from "./shadow_state.ts";

/**
 * Shadow page tables, followed event by event. KVM says when it fills in an entry and when it gives up
 * a table, but not when it drops or write-protects a single entry. That follows from what it must do: a
 * notification drops all entries of a page, change_pte rewrites them, and a page that becomes a page
 * table of the guest's is write-protected. Where an entry is gone although none of these happened, the
 * guest had changed its own table, and the walk that the fault begins with shows it.
 */
export class ShadowTables {
  readonly #guests = new Map<number, GuestTables>();
  readonly #open = new Map<number, Open>();
  #numbers = 0;

  constructor(
    readonly tables: TraceTables,
    readonly events: Events,
    readonly inPlace: boolean,
  ) {}

  /** Takes in an event of any kind. */
  see(at: number, head: Head, task: Task): void {
    const { events } = this;
    const kind = events.kind[at]!;
    const { guest } = task;
    if (guest === undefined) return;
    const thread = events.task[at]!;
    const value = (index: number) => valueOf(events, at, index);
    const of = this.#of(guest);
    const open = this.#open.get(thread);
    switch (kind) {
      case EXIT:
        this.#close(thread);
        break;
      case FAULT:
        this.#close(thread);
        this.#open.set(thread, opened(of, head, guest, value));
        break;
      case GUEST_ENTRY:
        if (open !== undefined && open.walked === undefined) {
          open.walked = { level: value(0), pfn: value(1), bits: value(2) };
          // A large entry begins before the page.
          aim(of, open, value(1) + open.address % TABLE_ENTRIES ** (value(0) - 1));
        }
        break;
      case GUEST_FAULT:
        if (open?.filled === undefined && open !== undefined) open.guestFault = true;
        break;
      case SHADOW_DEVICE:
        if (open !== undefined) open.device = true;
        break;
      case SHADOW_PAGE:
        this.#link(of, head, guest, task.role, value, open);
        break;
      case SHADOW_ENTRY:
        this.#fill(of, head, task, value, open);
        break;
      case SHADOW_SYNC: {
        const page = of.shadows.get(keyOf(value(0), value(1)));
        if (page !== undefined) page.synced = at;
        this.#protect(of, head, guest, task.role, value(0));
        break;
      }
      case SHADOW_ZAP:
        this.#zap(of, head, guest, task.role, value);
        break;
      case INVLPG:
        of.flushed.set(Math.floor(value(0) / PAGE_BYTES), at);
        break;
    }
  }

  /** A notification drops what it is about, unless change_pte is to follow and is on. */
  invalidate(head: Head, role: Role, notification: Notification, flags: number): void {
    const { guest, gfn, pages, cause } = notification;
    if (guest < 0 || pages === 0) return;
    if (this.inPlace && (flags & CHANGE_FOLLOWS) !== 0) return;
    for (const entry of this.#mapping(guest, gfn, pages)) {
      notification.changed.push(this.#set(head, guest, role, cause, entry, 0, 0));
    }
  }

  /** change_pte makes entries of a page read-only, and maps the shared page in its place. */
  changeInPlace(
    head: Head,
    role: Role,
    { guest, gfn }: { guest: number | undefined; gfn: number | undefined },
    pfn: number,
  ): void {
    if (guest === undefined || gfn === undefined || !this.inPlace) return;
    for (const entry of this.#mapping(guest, gfn, 1)) {
      // A larger entry maps other pages too: it is dropped.
      const bits = entry.level === 1 ? entry.bits & ~ENTRY_BITS.writable : 0;
      this.#set(head, guest, role, "merge", entry, bits === 0 ? 0 : pfn, bits);
    }
  }

  /** The faults that are still open. */
  end(): void {
    for (const thread of [...this.#open.keys()]) this.#close(thread);
  }

  #of(guest: number): GuestTables {
    const known = this.#guests.get(guest);
    if (known !== undefined) return known;
    const empty: GuestTables = {
      ...{ entries: new Map(), byGfn: new Map(), byAddress: new Map(), shadows: new Map() },
      ...{ tables: new Map(), flushed: new Map() },
    };
    this.#guests.set(guest, empty);
    return empty;
  }

  /** Entries that map some of a guest's pages. */
  #mapping(guest: number, gfn: number, pages: number): Entry[] {
    const { byGfn } = this.#of(guest);
    const found: Entry[] = [];
    const within = pages > byGfn.size
      ? [...byGfn.keys()].filter((each) => each >= gfn && each < gfn + pages)
      : Array.from({ length: pages }, (_, at) => gfn + at);
    for (const each of within) found.push(...byGfn.get(each) ?? []);
    // A large entry may begin before them.
    const before = gfn - gfn % TABLE_ENTRIES;
    if (before < gfn) {
      for (const entry of byGfn.get(before) ?? []) if (entry.level > 1) found.push(entry);
    }
    return found;
  }

  /** Writes a change of an entry down, and keeps it. @returns the row */
  #set(
    head: Head,
    guest: number,
    role: Role,
    cause: Cause,
    entry: Entry,
    pfn: number,
    bits: number,
  ): number {
    const row = this.tables.trace_sptes.add(
      ...[...head, guest, entry.gfn, entry.number, entry.level, ROLES.indexOf(role)],
      ...[CAUSES.indexOf(cause), entry.pfn, entry.bits, pfn, bits],
    );
    [entry.pfn, entry.bits] = [pfn, bits];
    if ((bits & SPTE_PRESENT) === 0) this.#of(guest).byGfn.get(entry.gfn)?.delete(entry);
    return row;
  }

  #link(
    of: GuestTables,
    head: Head,
    guest: number,
    role: Role,
    value: (index: number) => number,
    open: Open | undefined,
  ): void {
    const [gfn, pageRole, created] = [value(0), value(1), value(2) === 1];
    const key = keyOf(gfn, pageRole);
    if (open !== undefined && open.filled === undefined) open.linked.set(levelOf(pageRole), key);
    if (!created) return;
    of.shadows.set(key, { entries: new Set(), synced: 0 });
    if (isDirect(pageRole)) return;
    of.tables.set(gfn, (of.tables.get(gfn) ?? 0) + 1);
    this.#protect(of, head, guest, role, gfn);
  }

  /** KVM wants to see writes to a page of the guest's that is a page table in step with its own. */
  #protect(of: GuestTables, head: Head, guest: number, role: Role, gfn: number): void {
    for (const entry of of.byGfn.get(gfn) ?? []) {
      if ((entry.bits & ENTRY_BITS.writable) === 0) continue;
      const bits = entry.bits & ~ENTRY_BITS.writable;
      this.#set(head, guest, role, "guest table", entry, entry.pfn, bits);
    }
  }

  #fill(
    of: GuestTables,
    head: Head,
    { guest, role }: Task,
    value: (index: number) => number,
    open: Open | undefined,
  ): void {
    const [gfn, level, place, pfn, bits] = [value(0), value(1), value(2), value(3), value(4)];
    const known = of.entries.get(place);
    const before = known === undefined ? undefined : { ...known };
    const index = Math.floor(place % PAGE_BYTES / ENTRY_BYTES);
    const entry = known ?? {
      ...{ number: this.#numbers++, index: index, gfn, level, pfn: 0, bits: 0, seq: 0 },
      ...{ address: undefined, guest: undefined, page: undefined },
    };
    of.entries.set(place, entry);
    of.byGfn.get(entry.gfn)?.delete(entry);
    const wanted = Math.floor((open?.address ?? 0) / TABLE_ENTRIES ** (level - 1)) % TABLE_ENTRIES;
    const own = open !== undefined && open.filled === undefined &&
      wanted === index;
    const linked = of.shadows.get(open?.linked.get(level) ?? "");
    entry.page = linked ?? entry.page ?? this.#neighbour(of, place)?.page;
    entry.page?.entries.add(entry);
    Object.assign(entry, { gfn, level, seq: head[1] });
    entry.address = own ? open.address : undefined;
    entry.guest = own ? open.walked : undefined;
    this.#set(head, guest!, role, "guest fault", entry, pfn, bits);
    const mapping = of.byGfn.get(gfn) ?? new Set();
    of.byGfn.set(gfn, mapping.add(entry));
    if (!own) return;
    [open.filled, open.before] = [entry, before];
    of.byAddress.set(open.address, entry);
  }

  /** Another entry of the same shadow page: it knows which page that is. */
  #neighbour(of: GuestTables, place: number): Entry | undefined {
    const first = place - place % PAGE_BYTES;
    for (let each = first; each < first + PAGE_BYTES; each += ENTRY_BYTES) {
      const entry = of.entries.get(each);
      if (entry?.page !== undefined) return entry;
    }
    return undefined;
  }

  #zap(
    of: GuestTables,
    head: Head,
    guest: number,
    role: Role,
    value: (index: number) => number,
  ): void {
    const key = keyOf(value(0), value(1));
    const page = of.shadows.get(key);
    if (page === undefined) return;
    of.shadows.delete(key);
    if (!isDirect(value(1))) {
      of.tables.set(value(0), Math.max(0, (of.tables.get(value(0)) ?? 1) - 1));
    }
    for (const entry of page.entries) {
      if ((entry.bits & SPTE_PRESENT) !== 0) {
        this.#set(head, guest, role, "shadow table", entry, 0, 0);
      }
      entry.page = undefined;
    }
  }

  /** A fault is over: what KVM did about it is known. */
  #close(thread: number): void {
    const open = this.#open.get(thread);
    if (open === undefined) return;
    this.#open.delete(thread);
    const { head, guest, filled, walked, linked, guestFault } = open;
    const of = this.#of(guest);
    const answer: Answer = guestFault
      ? "guest fault"
      : open.device
      ? "device"
      : linked.size > 0
      ? "table"
      : filled !== undefined
      ? "mapped"
      : "nothing";
    if (answer === "mapped") this.#explainLoss(of, open);
    const gfn = filled?.gfn ?? (guestFault ? NONE : open.gfn);
    const entry = filled ?? (answer === "nothing" ? open.expected : undefined);
    this.tables.trace_faults.add(
      ...[...head, guest, gfn, open.error_code, entry?.number ?? NONE, walked?.bits ?? 0],
      ...[Number(open.guestTable), ANSWERS.indexOf(answer)],
    );
  }

  /**
   * An entry that was there, as far as KVM has said, and was not: the guest has changed its own. Either
   * the walk shows it, or the guest has had it looked at anew.
   */
  #explainLoss(of: GuestTables, { head, guest, filled, before, walked, address }: Open): void {
    if (filled === undefined || before === undefined) return;
    const there = (before.bits & SPTE_PRESENT) !== 0;
    const other = before.guest !== undefined && walked !== undefined &&
      (before.guest.pfn !== walked.pfn ||
        (before.guest.bits & ~USED_BITS) !== (walked.bits & ~USED_BITS));
    const anew = there &&
      Math.max(before.page?.synced ?? 0, of.flushed.get(address) ?? 0) > before.seq;
    if (!other && !anew && before.gfn === filled.gfn) return;
    const [trial, seq, ...rest] = head;
    this.tables.trace_sptes.add(
      ...[trial, seq - 1, ...rest, guest, before.gfn, filled.number, before.level],
      ...[ROLES.indexOf("vcpu"), CAUSES.indexOf("guest table"), before.pfn, before.bits, 0, 0],
    );
  }
}
