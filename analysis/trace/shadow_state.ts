// SPDX-License-Identifier: Apache-2.0
/** What is known of guests' shadow page tables, and of faults that are not over. */
import { ENTRY_BITS, PAGE_BYTES, TABLE_ENTRIES } from "../../machines/x86_64/pages.ts";
import { type Head, NONE } from "./tables.ts";

/** Accessed and dirty: what a guest's entry may gain without its mapping being another. */
export const USED_BITS = ENTRY_BITS.accessed | ENTRY_BITS.dirty;

/** union kvm_mmu_page_role, arch/x86/include/asm/kvm_host.h: level in bits 0 to 3, bit 7 direct. */
export const levelOf = (role: number) => role & 15;
export const isDirect = (role: number) => (role & 128) !== 0;

/** A guest's own page-table entry as a walk found it. */
export interface GuestEntry {
  level: number;
  pfn: number;
  bits: number;
}

/** A place in a shadow page table that maps or has mapped a page. */
export interface Entry {
  number: number;
  /** Its place in its table. */
  index: number;
  gfn: number;
  level: number;
  pfn: number;
  bits: number;
  /** When it was filled in: place among the events. */
  seq: number;
  /** Page of the guest's address space; for entries that a fault of its own filled in. */
  address: number | undefined;
  guest: GuestEntry | undefined;
  page: ShadowPage | undefined;
}

/** A shadow page table: what KVM made of one of the guest's. */
export interface ShadowPage {
  entries: Set<Entry>;
  synced: number;
}

/** A fault, and what has been seen of KVM's answer. */
export interface Open {
  head: Head;
  guest: number;
  address: number;
  error_code: number;
  walked: GuestEntry | undefined;
  /** Page that the guest's own table maps there. */
  gfn: number;
  /** It was one of the guest's page tables when the fault came. */
  guestTable: boolean;
  /** The entry that mapped it then. */
  expected: Entry | undefined;
  guestFault: boolean;
  device: boolean;
  /** Shadow pages that were linked on the way, by level. */
  linked: Map<number, string>;
  filled: Entry | undefined;
  /** What that entry was before. */
  before: Entry | undefined;
}

/** What is known of one guest's shadow page tables. */
export interface GuestTables {
  entries: Map<number, Entry>;
  byGfn: Map<number, Set<Entry>>;
  /** The entry that a fault at a page of the guest's address space filled in last. */
  byAddress: Map<number, Entry>;
  /** Shadow pages by the guest's page and role that they shadow. */
  shadows: Map<string, ShadowPage>;
  /** How many shadow pages a page of the guest's has: then it is one of its page tables. */
  tables: Map<number, number>;
  /** Last INVLPG of a page. */
  flushed: Map<number, number>;
}

/** A fault, before anything is known of KVM's answer. */
export function opened(
  of: GuestTables,
  head: Head,
  guest: number,
  value: (index: number) => number,
): Open {
  const address = Math.floor(value(0) / PAGE_BYTES);
  const open: Open = {
    ...{ head, guest, address, error_code: value(1), gfn: NONE, guestTable: false },
    ...{ walked: undefined, expected: undefined, guestFault: false, device: false },
    ...{ linked: new Map(), filled: undefined, before: undefined },
  };
  // Until a walk says otherwise: a guest without paging uses its pages by their own addresses.
  aim(of, open, address);
  return open;
}

/**
 * It is known which page a fault is about. The entry that maps it is told by its place in its table; one
 * that has been dropped by the address at which it was used.
 */
export function aim(of: GuestTables, open: Open, gfn: number): void {
  open.gfn = gfn;
  open.guestTable = (of.tables.get(gfn) ?? 0) > 0;
  const mapping = [...of.byGfn.get(gfn) ?? []];
  const last = of.byAddress.get(open.address);
  open.expected = mapping.find((entry) => entry.address === open.address) ??
    mapping.find((entry) => entry.level === 1 && entry.index === open.address % TABLE_ENTRIES) ??
    (last?.gfn === gfn && last.address === open.address ? last : undefined);
}

/** Two shadow pages of one page of the guest's differ in their role; bit 11 says that one is going. */
export function keyOf(gfn: number, role: number): string {
  return `${gfn} ${(role & ~(1 << 11)) >>> 0}`;
}
